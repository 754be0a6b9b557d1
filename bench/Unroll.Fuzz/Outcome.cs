namespace Unroll.Fuzz;

/// <summary>What became of the files of a kind.</summary>
sealed class Outcome(string kind)
{
    public string Kind => kind;

    public int Read { get; set; }

    public int Refused { get; set; }

    public int Crashes { get; set; }

    public int Hangs { get; set; }

    public int TooLarge { get; set; }

    public bool IsGood => Crashes + Hangs + TooLarge == 0;
}
