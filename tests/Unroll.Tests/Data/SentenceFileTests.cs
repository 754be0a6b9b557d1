using Unroll.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Data;

public sealed class SentenceFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    const string Conllu = """
        # sent_id = 1
        1-2	don't	_	_	_	_	_	_	_	_
        1	do	do	AUX	VB	_	0	root	_	_
        2	n't	not	PART	RB	_	1	advmod	_	_
        2.1	go	go	VERB	_	_	_	_	_	_
        3	10 000	10000	NUM	_	_	1	obj	_	_

        # sent_id = 2
        1	#	#	SYM	_	_	0	root	_	_
        """;

    [Fact]
    public void CoNLLU_gives_the_words_and_their_universal_tags()
    {
        var path = Write("a.conllu", Conllu);
        Assert.Equal(["do/AUX n't/PART 10 000/NUM", "#/SYM"], ConlluFile.Read(path).Select(Show));
        Assert.Equal($"{path}, line 3", ConlluFile.Read(path)[0].Source);
        Assert.Equal(ConlluFile.Read(path, "deprel").Select(Show), ConlluFile.Read(path, "8").Select(Show));
        Assert.Equal(["do n't 10 000", "#"], ConlluFile.Read(path, "feats").Select(Show));
        Refused(() => ConlluFile.Read(path, "xpos"), "line 6, column 20: a word without a tag in a sentence that has tags");
        Refused(() => ConlluFile.Read(path, "pos"), "no column 'pos'", "upos");
        Refused(() => ConlluFile.Read(path, "11"), "no column '11'");
    }

    [Fact]
    public void All_that_is_wrong_with_CoNLLU_is_named_with_its_place()
    {
        Refused(() => ConlluFile.Read(Write("a.conllu", "1\ta\t_\tX\t_\t_\t0\troot\t_\t_\n3\tb\t_\tX\t_\t_\t0\troot\t_\t_\n3 c X\n4\t\t_\tX\t_\t_\t0\troot\t_\t_\n")),
            "cannot be read as CoNLL-U", "line 2, column 1: the number '3' where word 2", "line 3, column 1: 1 fields", "line 4: an empty word");
        Refused(() => ConlluFile.Read(Write("a.conllu", "# only\n\n")), "sentences in CoNLL-U are expected");
    }

    [Fact]
    public void Columns_give_the_first_and_the_last()
    {
        var path = Write("a.conll", "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects  VBZ\tB-VP O\n-DOCSTART- -X- O O\n# comment\n# # B-NP O\n\n\n");
        Assert.Equal(["EU/B-ORG rejects/O", "#/O"], ConllFile.Read(path).Select(Show));
        Assert.Equal(["EU/NNP rejects/VBZ", "#/#"], ConllFile.Read(path, tag: "2").Select(Show));
        Assert.Equal(["NNP/B-NP VBZ/B-VP", "#/B-NP"], ConllFile.Read(path, word: "2", tag: "3").Select(Show));
        Assert.Equal($"{path}, line 3", ConllFile.Read(path)[0].Source);
        Refused(() => ConllFile.Read(path, tag: "5"), "no column '5'; columns are 1 to 4");
        Refused(() => ConllFile.Read(path, tag: "0"), "no column '0'");
        Refused(() => ConllFile.Read(path, tag: "ner"), "no column 'ner'");
    }

    [Theory]
    [InlineData("# comment\nJohn\tB\nlives\tO\n\n#\tO\n", "John/B lives/O|#/O")]             // words have tabs, the comment has none
    [InlineData("# comment\nJohn B\nlives O\n\n# O\n", "John/B lives/O|#/O")]                 // no word has the tag 'comment'
    [InlineData("# one two\nJohn B\nlives O\n", "John/B lives/O")]
    [InlineData("John B\n# O\n", "John/B #/O")]
    public void Comments_are_told_from_words_that_begin_so(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', ConllFile.Read(Write("a.txt", text)).Select(Show)));

    [Fact]
    public void All_that_is_wrong_with_columns_is_named_with_its_place()
    {
        Refused(() => ConllFile.Read(Write("a.conll", "a X\nb\nc X Y\n")), "CoNLL columns", "line 2, column 1: 1 columns; the first word has 2",
            "line 3, column 1: more than 2 columns");
        Refused(() => ConllFile.Read(Write("a.conll", "\n \n-DOCSTART-\n")), "words in columns are expected");
    }

    [Fact]
    public void The_format_is_told_by_the_ending_and_the_first_word()
    {
        Assert.Equal("conllu", SentenceFile.TellFormat(Write("a.conllu", "x")));
        Assert.Equal("conllu", SentenceFile.TellFormat(Write("a.txt", Conllu)));
        Assert.Equal("conll", SentenceFile.TellFormat(Write("a.txt", "a X\n")));
        Assert.Equal(["do/AUX n't/PART 10 000/NUM", "#/SYM"], SentenceFile.Read(Write("a.txt", Conllu)).Select(Show));
        Assert.Equal(["a/X"], SentenceFile.Read(Write("a.txt", "a X\n")).Select(Show));
        Refused(() => SentenceFile.Read(_folder["a.txt"], new() { Format = "xml" }), "no format 'xml'; formats are conllu, conll");
        Refused(() => SentenceFile.Read(Write("a.txt", "a\nb\n")), "a.txt, line 1: the sentence has no tags");
        Assert.Equal(["a b"], SentenceFile.Read(_folder["a.txt"], new() { NeedsTags = false }).Select(Show));
    }

    [SkippableTheory]
    [InlineData("ud-english-ewt/en_ewt-ud-train.conllu.gz", 12544, 204577)]
    [InlineData("ud-english-ewt/en_ewt-ud-dev.conllu", 2001, 25147)]
    [InlineData("ud-english-ewt/en_ewt-ud-test.conllu", 2077, 25094)]
    [InlineData("ud-korean-gsd/ko-gsd-ud-train.conllu", 4400, 56687)]
    [InlineData("ud-korean-gsd/ko-gsd-ud-dev.conllu", 950, 11958)]
    [InlineData("ud-korean-gsd/ko-gsd-ud-test.conllu", 989, 11677)]
    public void Real_sentences_are_all_read(string name, int sentences, int words)
    {
        var read = SentenceFile.Read(RealData.Find(name));
        Assert.Equal((sentences, words), (read.Count, read.Sum(s => s.Words.Count)));
        Assert.All(read, s => Assert.Equal(s.Words.Count, s.Tags.Count));
        Assert.InRange(read.SelectMany(s => s.Tags).Distinct().Count(), 14, 17);
    }

    static string Show(TaggedSentence s) =>
        string.Join(' ', s.Tags.Count == 0 ? s.Words : s.Words.Zip(s.Tags, (w, t) => $"{w}/{t}"));

    static void Refused(Action read, params string[] parts)
    {
        var message = Assert.ThrowsAny<UnrollException>(read).Message;
        foreach (var part in parts) Assert.Contains(part, message);
    }

    string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
