using Unroll.Data;
using Unroll.Formats;
using Unroll.Tests.Data;
using Unroll.Tests.Storage;

namespace Unroll.Tests.Formats;

public sealed class PairFileTests : IDisposable
{
    readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.tsv", "Go.\tVa !\n\"Stop\" now\tArrête\t\n", true)]                  // a third field in one row only
    [InlineData("a.tsv", "Go.\tVa !\nStop \"now\"\tArrête\n", false)]
    [InlineData("a", "Go.\tVa !\nStop \"now\"\tArrête\n", false)]
    [InlineData("a.txt", "Go.\tVa !\tCC-BY\nStop \"now\"\tArrête\tCC-BY\n", false)]
    [InlineData("a.csv", "Go.,Va !\n\"Stop \"\"now\"\"\",Arrête\n", false)]
    [InlineData("a.csv", "Q,A,label\nGo.,Va !,0\n\"Stop \"\"now\"\"\",Arrête,1\n", false)]
    [InlineData("a.csv", "answer;n;Question\nVa !;1;Go.\nArrête;2;\"Stop \"\"now\"\"\"\n", false)]
    [InlineData("a.jsonl", "{\"input\": \"Go.\", \"output\": \"Va !\"}\n{\"input\": \"Stop \\\"now\\\"\", \"output\": \"Arrête\"}\n", false)]
    [InlineData("a", "{\"input\": \"Go.\", \"output\": \"Va !\"}\n{\"input\": \"Stop \\\"now\\\"\", \"output\": \"Arrête\"}\n", false)]
    public void Format_and_columns_are_told(string name, string text, bool refused)
    {
        var path = Write(name, text);
        if (refused) Assert.Contains("3 fields where the first row has 2", Message(() => PairFile.Read(path)));
        else Assert.Equal([("Go.", "Va !"), ("Stop \"now\"", "Arrête")], PairFile.Read(path).Select(p => (p.Source, p.Target)));
    }

    [Fact]
    public void Columns_are_named_or_numbered()
    {
        var path = Write("a.tsv", "id\ten\tfr\n1\tyes\toui\n2\t\tnon\n");
        Assert.Equal([new("oui", "yes", $"{path}, line 2"), new("non", "", $"{path}, line 3")], PairFile.Read(path, new() { Source = "fr", Target = "EN" }));
        Assert.Equal(new("yes", "oui", $"{path}, line 2"), PairFile.Read(path, new() { Source = "2", Target = "3" })[0]);
        Assert.Equal(("yes", "oui"), PairFile.Read(path, new() { Source = "en", Target = "3" }).Select(p => (p.Source, p.Target)).First());
        Assert.Contains("there is no column 'de'", Message(() => PairFile.Read(path, new() { Source = "de", Target = "en" })));
        Assert.Contains("both in column 'en'", Message(() => PairFile.Read(path, new() { Source = "en", Target = "2" })));
    }

    [Fact]
    public void Columns_that_cannot_be_told_are_asked_for()
    {
        Assert.Contains("which columns are the source and the target cannot be told; the first row is 'id', 'en', 'fr'. Name two",
            Message(() => PairFile.Read(Write("a.csv", "id,en,fr\n1,yes,oui\n"))));
        Assert.Contains("need two columns at least", Message(() => PairFile.Read(Write("b.csv", "yes\nno\n"))));
        Assert.Contains("no format 'xml'; formats are csv, tsv, jsonl", Message(() => PairFile.Read(Write("c", "x\ty\n"), new() { Format = "xml" })));
        Assert.Contains("rows below the names", Message(() => PairFile.Read(Write("d.csv", "source,target\n"))));
    }

    [Theory]
    [InlineData("English,French\nhello,bonjour\n", 1)]
    [InlineData("\uFEFFEnglish,French\nhello,bonjour\nEnglish,French\nbye,salut\n", 2)]
    [InlineData("en\tko\nhow are you\t어떻게 지내\n", 1)]
    [InlineData("source_text,target_text\nhello,bonjour\n", 1)]
    [InlineData("Question Text;Answer Text\nhello;hi\n", 1)]
    [InlineData("text1,text2\nhello,bonjour\n", 1)]
    [InlineData("원문,번역문\n안녕하세요,hello there\n", 1)]
    [InlineData("ENG,KOR\nhello,안녕\n", 1)]
    [InlineData("0,1\nhello,bonjour\n", 1)]
    [InlineData("before,after\nhow are you,wie geht es\nhow is she,wie geht es ihr\nwho is he,wer ist denn er\nwhat is it,was ist denn das\nwhere is it,wo ist denn das\n", 5)]
    [InlineData("Run,Lauf\nSit,Sitz\nhow is she,wie geht es ihr\nwho is he,wer ist denn er\nwhat is it,was ist denn das\nwhere is it,wo ist denn das\n", 6)]
    [InlineData("hello,bonjour\nbye,salut\n", 2)]
    [InlineData("it,es\nhe,er\n", 2)]                                    // words, not codes of languages
    [InlineData("question,Frage\nanswer,Antwort\n", 2)]
    [InlineData("English,French\nGerman,English\nEnglish,Greek\n", 3)]
    public void A_first_row_of_names_is_no_pair(string text, int count) => Assert.Equal(count, PairFile.Read(Write("a.csv", text)).Count);

    [Fact]
    public void Numbers_beside_the_texts_are_no_side()
    {
        var path = Write("a.tsv", "1\thello\tbonjour\n2\tbye\tsalut\n");
        Assert.Contains("Name two of these", Message(() => PairFile.Read(path)));
        Assert.Equal(("hello", "bonjour"), PairFile.Read(path, new() { Source = "2", Target = "3" }).Select(p => (p.Source, p.Target)).First());
        Assert.Equal(("1", "2"), PairFile.Read(Write("b.tsv", "1\t2\n3\t4\n")).Select(p => (p.Source, p.Target)).First());
    }

    [SkippableFact]
    public void Real_sets_are_read_whole()
    {
        var french = PairFile.Read(RealData.Find("eng-fra/fra.txt.gz"));
        Assert.Equal((142_787, "Go.", "Va !"), (french.Count, french[0].Source, french[0].Target));
        var korean = PairFile.Read(RealData.Find("korean-chatbot/ChatbotData.csv"));
        Assert.Equal((11_823, "12시 땡!", "하루가 또 가네요."), (korean.Count, korean[0].Source, korean[0].Target));
        var german = AlignedFiles.Read(RealData.Find("multi30k/train.de.gz"), RealData.Find("multi30k/train.en.gz"));
        Assert.Equal(29_000, german.Count);
        Assert.All(german, p => Assert.NotEmpty(p.Target));
    }

    string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    static string Message(Action action) => Assert.ThrowsAny<UnrollException>(action).Message;
}
