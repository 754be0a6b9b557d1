using Unroll.Data;

namespace Unroll.Tests.Data;

public class TagSchemeTests
{
    static string[] Split(string tags) => tags.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("O B-X I-X O", TagScheme.Bio)]
    [InlineData("O I-X I-X O I-Y", TagScheme.Iob1)]
    [InlineData("I-X B-X O", TagScheme.Iob1)]
    [InlineData("B I O B", TagScheme.Bio)]
    [InlineData("S-X O B-X E-X", TagScheme.Bioes)]
    [InlineData("B-X I-X E-X B-Y E-Y", TagScheme.Bioes)]
    [InlineData("B-X I-X O I-X B-Y I-Y", TagScheme.Bio)]        // one mistake, where IOB1 would have two
    [InlineData("O O", TagScheme.None)]
    [InlineData("NOUN VERB O", TagScheme.None)]
    [InlineData("B-X ADJ", TagScheme.None)]
    [InlineData("", TagScheme.None)]
    [InlineData("B-X L-X O U-Y B-X I-X L-X", TagScheme.Bioes)]    // BILOU
    [InlineData("B-X E-X O W-Y B-X M-X E-X", TagScheme.Bioes)]    // BMEWO
    [InlineData("S B M M E B E S", TagScheme.Bioes)]              // BMES, as in word segmentation
    [InlineData("B_X I_X O B_Y", TagScheme.Bio)]
    [InlineData("X-B X-I O Y-B", TagScheme.Bio)]
    [InlineData("X_B X_E O Y_S", TagScheme.Bioes)]
    [InlineData("b-x i-x o b-y", TagScheme.Bio)]
    [InlineData("B-X B_X O", TagScheme.None)]                     // two spellings
    [InlineData("B-X E-X L-X O", TagScheme.None)]                 // two letters for one thing
    [InlineData("B S E B S E", TagScheme.None)]                   // letters of one's own
    [InlineData("O I B O I", TagScheme.None)]
    [InlineData("B E O", TagScheme.None)]
    [InlineData("S-LOC-B S-LOC-I O PER-B", TagScheme.Bio)]
    public void Schemes_are_recognised(string tags, TagScheme expected) => Assert.Equal(expected, TagSchemes.Recognise([Split(tags)]));

    [Theory]
    [InlineData("O B-X I-X O S-Y", "X 1 2, Y 4 1")]
    [InlineData("I-X I-X I-Y B-Y O I-X", "X 0 2, Y 2 1, Y 3 1, X 5 1")]       // as conlleval reads what BIO does not allow
    [InlineData("B-X I-Y", "X 0 1, Y 1 1")]
    [InlineData("B-X E-X E-X I-X", "X 0 2, X 2 1, X 3 1")]
    [InlineData("S-X I-X", "X 0 1, X 1 1")]
    [InlineData("B I O I", " 0 2,  3 1")]
    [InlineData("B-a-b I-a-b", "a-b 0 2")]
    [InlineData("NOUN O", "")]
    [InlineData("", "")]
    [InlineData("B-X L-X U-Y O", "X 0 2, Y 2 1")]
    [InlineData("B-X M-X E-X W-Y O", "X 0 3, Y 3 1")]
    [InlineData("B_X I_X O S_Y", "X 0 2, Y 3 1")]
    [InlineData("X-B X-I o Y-B", "X 0 2, Y 3 1")]
    [InlineData("b-x i-x o b-y", "x 0 2, y 3 1")]
    public void Spans_are_those_of_conlleval(string tags, string expected) =>
        Assert.Equal(expected, string.Join(", ", TagSchemes.Spans(Split(tags)).Select(s => $"{s.Type} {s.Start} {s.Length}")));

    [Theory]
    [InlineData("O I-X I-X B-X O I-Y I-X", "O B-X I-X B-X O B-Y B-X", "O B-X E-X S-X O S-Y S-X")]
    [InlineData("I I I O B", "B I I O B", "B I E O S")]
    public void Schemes_are_converted_and_back(string iob1, string bio, string bioes)
    {
        var forms = new[] { (TagScheme.Iob1, Split(iob1)), (TagScheme.Bio, Split(bio)), (TagScheme.Bioes, Split(bioes)) };
        foreach (var (_, from) in forms)
            foreach (var (scheme, expected) in forms.Skip(1)) Assert.Equal(expected, TagSchemes.Convert(from, scheme));
        Assert.Equal(TagSchemes.Spans(Split(bio)), TagSchemes.Spans(TagSchemes.Convert(Split(bioes), TagScheme.Iob1)));
        Assert.Equal(Split(iob1), TagSchemes.Convert(Split(iob1), TagScheme.None));
        // A tag of no scheme is not outside of all spans: it is another tag, which no model of spans knows.
        Assert.Equal(["NOUN", .. Split(bio), "_"], TagSchemes.Convert(["NOUN", .. Split(iob1), "_"], TagScheme.Bio));
    }

    [Theory]
    [InlineData("U-X B-X L-X O B-Y I-Y L-Y")]
    [InlineData("W_X B_X E_X O B_Y M_Y E_Y")]
    [InlineData("X-S X-B X-E O Y-B Y-I Y-E")]
    [InlineData("s-x b-x e-x o b-y i-y e-y")]
    public void Tags_keep_their_spelling(string tags) => Assert.Equal(Split(tags), TagSchemes.Convert(Split(tags), TagScheme.Bioes));

    [Theory]
    [InlineData("B-X I-X O MISC", "'B-X'", "'MISC'")]
    [InlineData("B-X B_Y O", "'B-X'", "'B_Y'")]
    [InlineData("O NAME", "'O'", "'NAME'")]
    [InlineData("NOUN VERB")]
    [InlineData("B S E")]
    public void Tags_of_no_known_scheme_are_doubted_where_they_look_like_one(string tags, params string[] parts)
    {
        Assert.Equal(TagScheme.None, TagSchemes.Recognise([Split(tags)]));
        var doubt = TagSchemes.DoubtOf(Split(tags));
        Assert.Equal(parts.Length > 0, doubt is not null);
        Assert.All(parts, part => Assert.Contains(part, doubt));
    }

    [Fact]
    public void A_tagger_knows_tags_in_its_own_spelling()
    {
        TaggedSentence sentence = new(["a", "b", "c"], ["B-X", "L-X", "U-Y"], "made");
        var vocabulary = SentenceVocabulary.Build([sentence], minCount: 1);
        Assert.Equal((TagScheme.Bioes, "B-X L-X U-Y"), (vocabulary.Scheme, string.Join(' ', vocabulary.Tags.Symbols)));
        // The same spans in other letters and other schemes.
        foreach (var tags in new[] { "B_X E_X S_Y", "B-X I-X B-Y", "X-B X-E Y-S" })
            Assert.Equal(vocabulary.Encode(sentence).Tags, vocabulary.Encode(sentence with { Tags = Split(tags) }).Tags);
    }

    [Fact]
    public void A_scheme_allows_just_what_it_can_write()
    {
        // Every sequence of four tags is allowed if and only if it is what its own spans are written as.
        string[] tags = ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y"];
        foreach (var scheme in new[] { TagScheme.Iob1, TagScheme.Bio, TagScheme.Bioes })
        {
            string[] known = [.. tags.Where(t => scheme == TagScheme.Bioes || t[0] is 'O' or 'B' or 'I')];
            var constraints = TagSchemes.Constraints(scheme, known)!;
            for (var code = 0; code < Math.Pow(known.Length, 4); code++)
            {
                int[] path = [.. Enumerable.Range(0, 4).Select(i => code / (int)Math.Pow(known.Length, i) % known.Length)];
                var allowed = constraints.Start[path[0]] && constraints.End[path[3]]
                    && Enumerable.Range(1, 3).All(i => constraints.Transitions[path[i - 1] * known.Length + path[i]]);
                var sequence = path.Select(i => known[i]).ToArray();
                if (scheme == TagScheme.Iob1) Assert.True(allowed || !TagSchemes.Convert(sequence, scheme).SequenceEqual(sequence));
                else Assert.Equal(TagSchemes.Convert(sequence, scheme).SequenceEqual(sequence), allowed);
            }
        }
        Assert.Null(TagSchemes.Constraints(TagScheme.None, tags));
    }

    [Fact]
    public void Spans_are_counted_by_type()
    {
        var score = new EntityScore();
        score.Add(Split("B-X I-X O B-Y O"), Split("B-X I-X O B-X O"));      // X right, Y taken for X
        score.Add(Split("B-X I-X O O"), Split("B-X O O B-Y"));              // X cut short, Y where none is
        Assert.Equal(new SpanCounts(Gold: 3, Found: 4, Correct: 1), score.All);
        Assert.Equal(new SpanCounts(2, 3, 1), score.ByType["X"]);
        Assert.Equal(new SpanCounts(1, 1, 0), score.ByType["Y"]);
        Assert.Equal((0.25, 1.0 / 3, 2.0 / 7), (score.All.Precision, score.All.Recall, score.All.F1));
        Assert.Equal((0, 0, 0), (default(SpanCounts).Precision, default(SpanCounts).Recall, default(SpanCounts).F1));
        Assert.Throws<ArgumentException>(() => score.Add(["O"], []));
    }
}
