using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Storage;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Fuzz;

/// <summary>A kind of file: how one is named, good ones, and what reads it.</summary>
/// <param name="Name">For the report.</param>
/// <param name="File">The name of the file that is changed, below a folder of its own.</param>
/// <param name="Seeds">Good files of the kind.</param>
/// <param name="Read">Reads the file at a path as the command does; throws what it throws.</param>
/// <param name="Beside">Files beside it that are not changed.</param>
sealed record Kind(string Name, string File, byte[][] Seeds, Action<string> Read, params (string Name, byte[] Bytes)[] Beside)
{
    /// <summary>Whether files are packed with gzip, before or after they are changed.</summary>
    public bool IsPacked { get; private init; }

    /// <summary>The same, packed with gzip.</summary>
    public Kind Packed() => this with { Name = Name + ".gz", File = File + ".gz", IsPacked = true };

    /// <summary>A changed file.</summary>
    public byte[] Changed(Rng rng)
    {
        var seed = Seeds[rng.Next(Seeds.Length)];
        if (!IsPacked) return Mutation.Of(seed, rng);
        return rng.Next(2) == 0 ? FileKinds.Gzip(Mutation.Of(seed, rng)) : Mutation.Of(FileKinds.Gzip(seed), rng);
    }
}

/// <summary>All kinds of files that the command reads.</summary>
static class FileKinds
{
    const string Words = "the cat sat on the mat. a dog ran to the red house.\n";

    public static IEnumerable<Kind> All()
    {
        Kind[] data =
        [
            new("csv", "a.csv", [Text("text,label\n\"a good, long film\",pos\nbad one,neg\nso \"\"good\"\",pos\n\"two\nlines\",neg\n"), Text("1;a text\n2;other text\n1;more of it\n")], Examples()),
            new("tsv", "a.tsv", [Text("a good film\tpos\nbad one\tneg\ngood \"quoted\" one\tpos\n")], Examples()),
            new("jsonl", "a.jsonl", [Text("{\"text\": \"a good film\", \"label\": \"pos\"}\n{\"text\": \"bad \\u00e9\", \"label\": [\"neg\", \"x\"], \"id\": 7}\n")], Examples()),
            new("labels", "a.txt", [Text("pos a good film\nneg bad one\npos good\nneg bad bad\n"), Text("__label__pos a film\n__label__neg __label__x bad\n")], Examples()),
            new("lines", "a.txt", [Text(Words + "안녕하세요 👍\n")], p => ExampleFile.Read(p, new() { NeedsLabels = false })),
            new("latin-1", "a.csv", [Encoding.Latin1.GetBytes("text,label\ncaf\u00e9,pos\nna\u00efve,neg\n")], p => ExampleFile.Read(p, new() { Encoding = TextEncoding.Find("latin-1") })),
            new("ts", "a.ts", [Text("@problemName t\n@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,?:-2e3,4:b\n")], Examples()),
            new("ucr", "a.tsv", [Text("1\t0.5\t-1.25\t3\n2\t1e-1\tNaN\t4\n1\t0.25\t1\t2\n2\t3\t4\t5\n")], Examples()),
            new("npy", "x_train.npy", [Npy("(3, 4)", "<f4", 48), Npy("(3, 2, 2)", ">i2", 24), Npy("(3, 2, 2, 1)", "<f8", 96)], Examples(), ("y_train.npy", Npy("(3,)", "|u1", 3))),
            new("npz", "a.npz", [Zip(("x.npy", Npy("(3, 4)", "<f4", 48)), ("y.npy", Npy("(3,)", "<i8", 24))), Zip(("x_train.npy", Npy("(3, 4)", "|u1", 12)), ("y_train.npy", Npy("(3,)", "<U1", 12)))], Examples()),
            new("idx", "images-idx3-ubyte", [[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, .. new byte[12]], [0, 0, 0x0D, 2, 0, 0, 0, 2, 0, 0, 0, 2, .. new byte[16]]], Examples(),
                ("labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 7, 9])),
            new("wav", "a_1.wav", [Wav(1, 16), Wav(3, 32), Wav(1, 24)], p => ExampleFile.Read(p, new() { NeedsLabels = false })),
            new("wav folder", "pos/a.wav", [Wav(1, 8)], p => ExampleFile.Read(Above(p, 2)), ("neg/b.wav", Wav(1, 8))),
            new("label folder", "pos/1.txt", [Text("a good film\n")], p => ExampleFile.Read(Above(p, 2)), ("neg/2.txt", Text("bad\n"))),
            new("conllu", "a.conllu", [Text("# c\n1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_\n2-3\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n2\tcat\tcat\tNOUN\tNN\t_\t0\troot\t_\t_\n\n1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\n")], Sentences()),
            new("columns", "a.conll", [Text("-DOCSTART- O\n\nU.N. NNP B-ORG\nofficial NN O\n\nEkeus NNP B-PER\nheads VBZ O\n")], Sentences()),
            new("vectors", "v.txt", [Text("2 3\na 1 2 3\nb -0.5 2e-3 4\n"), Text("a 0.1 0.2\nb c 0.3 0.4\n")], p => WordVectors.Read(p)),
            new("pairs", "p.tsv", [Text("hello\tbonjour\nthe cat\tle chat\n"), Text("source\ttarget\nhello\tbonjour\n")], p => PairFile.Read(p)),
            new("pairs jsonl", "p.jsonl", [Text("{\"source\": \"a\", \"target\": \"b\"}\n{\"source\": \"c\", \"target\": \"d\"}\n")], p => PairFile.Read(p)),
            new("aligned", "s.txt", [Text("a\nb c\nd\n")], p => AlignedFiles.Read(p, Path.Combine(Above(p, 1), "t.txt")), ("t.txt", Text("A\nB C\nD\n"))),
            new("captions", "c.csv", [Text("index,split,caption\n0,train,a boot\n1,test,\"a bag, red\"\n"), Text("caption\na boot\na bag\n")],
                p => CaptionFile.Read(Path.Combine(Above(p, 1), "p.npy"), p), ("p.npy", Npy("(2, 3, 3)", "|u1", 18))),
            new("pictures", "p.npy", [Npy("(2, 3, 3)", "|u1", 18)], p => CaptionFile.Read(p, Path.Combine(Above(p, 1), "c.csv")), ("c.csv", Text("caption\na boot\na bag\n"))),
            new("time series", "a.csv",
            [
                Text("date,load,wind,zone\n2024-01-01 00:00,1.5,3,n\n2024-01-01 01:00,,2,n\n2024-01-01 03:00,2.5,NaN,s\n2024-01-01 02:00,2,1,s\n"),
                Text("\"V1\",\"V2\",\"V3\",\"V4\"\n\"H1\",605,586,\n\"H2\",1,2,3\n"), Text("day;month;year;sales\n1;12;2023;1.5\n2;12;2023;2.5\n3;12;2023;3\n"),
            ], p => TimeSeriesFile.Read([p])),
            new("time series jsonl", "a.jsonl", [Text("{\"time\": \"2024-01-01\", \"y\": 1}\n{\"time\": \"2024-01-02\", \"y\": null}\n{\"time\": \"2024-01-03\", \"y\": 2e3}\n")], p => TimeSeriesFile.Read([p])),
            new("text", "a.txt", [Text(Words)], p => Tokenizer.Build("bpe", TextFile.ReadDocuments(p))),
        ];
        return [.. data, .. data.Select(k => k.Packed()), .. Stored()];
    }

    /// <summary>What is written by a training, in files of safetensors, and the log of a run.</summary>
    static IEnumerable<Kind> Stored()
    {
        var language = new LanguageModel(new() { EmbeddingSize = 3, HiddenSize = 4, Layers = 2 }, Tokenizer.Build("char", [new("words", Words)]), new Rng(1));
        TaggedSentence[] sentences = [new(["in", "Paris", "now"], ["O", "B-LOC", "O"], "made"), new(["Ann", "ran"], ["B-PER", "O"], "made")];
        var coder = TextCoder.Build(["abc ba"], new() { Tokens = "char" });
        SequenceModel[] models =
        [
            language,
            new SequenceClassifier(new() { Classes = ["bad", "good"], EmbeddingSize = 3, HiddenSize = 4 }, Tokenizer.Build("term", [new("words", Words)]), null, new Rng(1)),
            new SequenceClassifier(new() { Classes = ["high", "low"], Features = 2, HiddenSize = 4 }, null, FeatureScales.Measure([new([1, 2, 3, 4], 2, 2)]), new Rng(1)),
            new MultiTaskClassifier(new() { EmbeddingSize = 3, HiddenSize = 4 }, [new("one", ["bad", "good"]), new("other", ["a", "b", "c"])], Tokenizer.Build("term", [new("words", Words)]), new Rng(1)),
            new SequenceTagger(new() { WordSize = 3, LetterSize = 3, LetterHiddenSize = 3, HiddenSize = 4 }, SentenceVocabulary.Build(sentences), new Rng(1)),
            new Seq2Seq(new() { EmbeddingSize = 3, HiddenSize = 4 }, coder, coder, new Rng(1)),
        ];
        yield return new("model", "model.safetensors", [.. models.Select(m => Saved(p => ModelFile.Save(p, m)))], p => ModelFile.Load(p));
        yield return new("checkpoint", "checkpoint.safetensors", [Saved(p => Checkpoint.Save(p, language, Trained(language).Capture(), new JsonObject { ["data"] = "a" }))], p =>
        {
            var checkpoint = Checkpoint.Load<LanguageModel>(p);
            Trained(checkpoint.Model).Restore(checkpoint.Snapshot);
        });
        var session = new LanguageModelSession(language);
        session.Read([1, 2, 3]);
        yield return new("session", "state.safetensors", [Saved(p => SessionFile.Save(p, session))], p => SessionFile.Load(p, language));
        yield return new("safetensors", "t.safetensors", [Saved(p => SessionFile.Save(p, session))], p =>
        {
            using var file = SafetensorsFile.Open(p);
            foreach (var entry in file.Entries.Where(e => e.Type == SafetensorsType.F32)) file.CopyTo(entry.Name, new float[entry.Count]);
        });
        yield return new("run log", "log.jsonl", [Text("{\"iteration\":1,\"loss\":2.5}\n{\"iteration\":2,\"loss\":2.25,\"validation_loss\":3}\n")], p =>
        {
            using var file = File.OpenRead(p);
            LearningCurve.ToSvg(RunLog.Read(file));
        });
    }

    static Trainer Trained(LanguageModel model)
    {
        var (train, valid) = TokenStream.Encode(model.Tokenizer, [new("words", string.Concat(Enumerable.Repeat(Words, 5)))]).Split(0.2);
        var task = new LanguageModelTask(model, train, valid, new() { Batch = 2, Steps = 5 }, new Rng(1));
        return new(task, new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = 1 });
    }

    static Action<string> Examples() => p => ExampleFile.Read(p);

    static Action<string> Sentences() => p => SentenceFile.Read(p);

    static string Above(string path, int folders) => folders == 0 ? path : Above(Path.GetDirectoryName(path)!, folders - 1);

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    static byte[] Npy(string shape, string type, int bytes) =>
        [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n"), .. new byte[bytes]];

    static byte[] Wav(int format, int bits)
    {
        var data = new byte[bits * 50];
        return
        [
            .. "RIFF"u8, .. BitConverter.GetBytes(36 + data.Length), .. "WAVEfmt "u8, 16, 0, 0, 0, (byte)format, 0, 1, 0, .. BitConverter.GetBytes(8000), .. BitConverter.GetBytes(1000 * bits),
            (byte)(bits / 8), 0, (byte)bits, 0, .. "data"u8, .. BitConverter.GetBytes(data.Length), .. data,
        ];
    }

    static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return packed.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return packed.ToArray();
    }

    static byte[] Saved(Action<string> save)
    {
        var path = Path.GetTempFileName();
        save(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }
}
