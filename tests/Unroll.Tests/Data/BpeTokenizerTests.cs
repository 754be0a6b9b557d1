using System.Text;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class BpeTokenizerTests
{
    [Fact]
    public void Training_and_encoding_equal_a_plain_reading_of_the_paper()
    {
        var rng = new Rng(6);
        var letters = "aaabbc 0.가각";
        for (var i = 0; i < 30; i++)
        {
            var text = i == 0 ? Samples.All + Samples.All
                : i == 1 ? new string('a', 500)
                : string.Concat(Enumerable.Range(0, 600).Select(_ => letters[rng.Next(letters.Length)]));
            var documents = Samples.Documents(text[..300], text[300..]);
            var tokenizer = BpeTokenizer.Build(documents, size: 256 + 60, form: null);
            var (merges, tokens) = Plain([.. documents.SelectMany(d => Pieces(d.Text))], 60);
            Assert.Equal(merges, Merges(tokenizer));
            Assert.Equal(tokens, documents.SelectMany(d => tokenizer.Encode(d.Text)));
        }
    }

    [Fact]
    public void Merges_stop_where_no_pair_is_frequent_enough()
    {
        Assert.Empty(Merges(BpeTokenizer.Build(Samples.Documents("abcdefg"))));
        Assert.Equal([(97, 98)], Merges(BpeTokenizer.Build(Samples.Documents("ab\nab\nab\ncd\ncd\n"), minCount: 3)));
    }

    [Theory]
    [InlineData("the cat's  hat 42nd\n\n  x.", "the| cat|'|s| | hat| 42|nd|\n|\n| | x|.")]
    [InlineData("a \n b\t", "a| |\n| b|\t")]
    [InlineData("날씨가 좋네요! cafe\u0301s 👨‍👩‍👧", "날씨가| 좋네요|!| cafe\u0301s| 👨‍👩‍👧")]
    [InlineData(" ", " ")]
    [InlineData("\u0301a", "\u0301|a")]
    public void Text_is_cut_into_pieces(string text, string pieces) => Assert.Equal(pieces, string.Join('|', Pieces(text)));

    [Fact]
    public void Long_runs_are_cut()
    {
        Assert.Equal([65, 64, 21], Pieces(" " + new string('a', 149)).Select(p => p.Length));
        Assert.Equal([64, 35, 2], Pieces(new string(' ', 100) + "b").Select(p => p.Length));
        Assert.Equal([128, 128, 44], Pieces(string.Concat(Enumerable.Repeat("👍", 150))).Select(p => p.Length));
        var tokenizer = BpeTokenizer.Build(Samples.Documents(string.Concat(Enumerable.Repeat(" 👍👍👍👍👍👍👍👍", 2000).Prepend("👍"))));
        Assert.Equal("\ud83d\ud83d", tokenizer.Decode(tokenizer.Encode("\ud83d\ud83d")).Replace('\ufffd', '\ud83d'));
    }

    [Fact]
    public void Tokens_are_shown_as_text_where_they_are_text()
    {
        var tokenizer = BpeTokenizer.Build(Samples.Documents("한 한 한\n"));
        Assert.Equal("⟨0A⟩", tokenizer.Symbol('\n'));
        Assert.Equal("⟨ED⟩", tokenizer.Symbol(0xED));
        Assert.Contains("한", Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Symbol));
    }

    static string[] Pieces(string text)
    {
        var pieces = new List<string>();
        for (; text.Length > 0; text = text[pieces[^1].Length..]) pieces.Add(text[..BpeTokenizer.PieceLength(text)]);
        return [.. pieces];
    }

    static (int, int)[] Merges(BpeTokenizer tokenizer) =>
        [.. tokenizer.ToJson()["merges"]!.AsArray().Select(m => ((int)m![0]!, (int)m[1]!))];

    /// <summary>Counts every pair anew for every merge; the merges, and the tokens of all pieces.</summary>
    static ((int, int)[] Merges, int[] Tokens) Plain(string[] pieces, int most)
    {
        var words = pieces.Select(p => Encoding.UTF8.GetBytes(p).Select(b => (int)b).ToList()).ToList();
        var merges = new List<(int, int)>();
        while (merges.Count < most)
        {
            var counts = new SortedDictionary<(int, int), int>();
            foreach (var word in words)
                for (var i = 1; i < word.Count; i++) counts[(word[i - 1], word[i])] = counts.GetValueOrDefault((word[i - 1], word[i])) + 1;
            if (counts.Count == 0) break;
            var best = counts.MaxBy(c => c.Value);        // the first of equal ones, and so the lowest numbers
            if (best.Value < 2) break;
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best.Key) continue;
                    word[i] = 256 + merges.Count;
                    word.RemoveAt(i + 1);
                }
            }
            merges.Add(best.Key);
        }
        return ([.. merges], [.. words.SelectMany(w => w)]);
    }
}
