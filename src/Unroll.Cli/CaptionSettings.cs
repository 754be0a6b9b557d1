using Unroll.Data;
using Unroll.Models;

namespace Unroll.Cli;

/// <summary>Everything that decides the result of <c>train caption</c>.</summary>
sealed record CaptionSettings : WritingSettings
{
    public CaptionSettings() => (Optimizer, Cell) = ("adamw", "lstm");

    /// <summary>For every file of captions, the file of their pictures.</summary>
    public IReadOnlyDictionary<string, string> Pictures { get; init; } = new Dictionary<string, string>();
    public string Encoder { get; init; } = "rnn";
    public int EncoderSize { get; init; } = 128;
    public bool OneWay { get; init; }
    public int Shift { get; init; }

    protected override void Check(Action<bool, string, object?> tell)
    {
        base.Check(tell);
        tell(Shift >= 0, "shift", Shift);
    }

    public Held<PictureCaption> ReadData() => Part<PictureCaption>(paths => [.. paths.SelectMany(p => Reading.ReadCaptions(p, Pictures[p]))], c => c.Place, c => c.Part);

    /// <summary>The symbols of what is written, made from the captions to learn from.</summary>
    public TextCoder BuildSymbols(IEnumerable<PictureCaption> captions) => TextCoder.Build(captions.Select(c => c.Caption), ToSymbols());

    /// <summary>The settings with everything that was not given chosen to fit the captions to learn from.</summary>
    public CaptionSettings Planned(IReadOnlyList<PictureCaption> train)
    {
        return this;
    }

    /// <summary>What the settings make of pictures of this size.</summary>
    public CaptionerConfig ToConfig(int rows, int features) => WithDecoder(new CaptionerConfig
    {
        Rows = rows,
        Features = features,
        Encoder = Encoder,
        EncoderSize = EncoderSize,
        Bidirectional = !OneWay,
    });
}
