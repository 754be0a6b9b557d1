using Unroll.Data;
using Unroll.Layers;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Stress;

static partial class Cases
{
    static IEnumerable<Case> LayersAndModels() => [.. Recurrences(), .. OtherLayers(), .. Models()];

    static IEnumerable<Case> Recurrences()
    {
        foreach (var kind in CellCatalog.All)
        {
            var type = kind.Create(2, 2, new Rng(1)).GetType().Name;
            RecurrentCell Cell(int seed, int inputs = Size) => kind.Create(inputs, Size, new Rng((ulong)seed));
            yield return Of($"{type} {kind.Name}", () => new Recurrent(Cell(1)).Forward(Sequence(1)).Output);
            yield return Of($"{type} {kind.Name}, final state", () => new Recurrent(Cell(1)).Forward(Sequence(1)).Final[0]);
            yield return Of($"{type} {kind.Name}, ragged", () => new Recurrent(Cell(1)).Forward(Sequence(1), lengths: Ragged()).Output);
            yield return Of($"{type} {kind.Name}, one row", () => new Recurrent(kind.Create(Size, 256, new Rng(1))).Forward(X(1, new(Steps, 1, Size))).Output);
            yield return Of($"{type} {kind.Name}, step by step", () =>
            {
                var cell = Cell(1);
                var state = new Recurrent(cell).ZeroState(Batch);
                for (var t = 0; t < 4; t++) state = cell.Step(cell.Project(Row(t)), state);
                return state[0];
            });
            yield return Of($"{type} {kind.Name}, looked up", () => new Recurrent(Cell(1)).Forward(new Embedding(100, Size, new Rng(2)).Forward(Text(100))).Output);
            yield return Of($"{type} {kind.Name}, from a table", () => new Bidirectional(Cell(1), Cell(2)).Forward(Ops.Gather(X(3, new(100, Size)), Ids(Steps * Batch, 97), new(Steps, Batch))).Output);
            yield return Of($"Recurrent of {kind.Name}", () => new Recurrent(Cell(1)).Forward(Sequence(1), new Recurrent(Cell(2)).Forward(Sequence(2)).Final).Output);
            yield return Of($"Bidirectional of {kind.Name}", () => new Bidirectional(Cell(1), Cell(2)).Forward(Sequence(1), lengths: Ragged()).Output);
            yield return Of($"Stacked of {kind.Name}", () => new Stacked([new Bidirectional(Cell(1), Cell(2)), new Recurrent(Cell(3, 2 * Size))]).Forward(Sequence(1)).Output);
            yield return new($"{type} {kind.Name}, trained", () =>
            {
                var x = Sequence(1).WithGradient();
                var layer = new Recurrent(Cell(1));
                using (var tape = Tape.Record())
                {
                    tape.Backward(Ops.Sum(layer.Forward(x, lengths: Ragged()).Output));
                    return [.. x.Gradient, .. layer.Parameters.SelectMany(p => p.Parameter.Gradient.ToArray())];
                }
            });
        }
    }

    static TokenMatrix Text(int below)
    {
        var tokens = new TokenMatrix(Steps, Batch);
        Ids(Steps * Batch, below).CopyTo(tokens.Ids);
        return tokens;
    }

    static IEnumerable<Case> OtherLayers()
    {
        yield return Of("Linear", () => new Linear(Columns, 200, new Rng(1)).Forward(Table(1)));
        yield return Of("Embedding", () => new Embedding(100, Size, new Rng(1)).Forward(Text(100)));
        yield return Of("LayerNorm", () => new LayerNorm(Columns).Forward(Table(1)));
        yield return new("Dropout", () =>
        {
            using var tape = Tape.Record();
            return new Dropout(0.3, new Rng(1)).Forward(Table(1)).ToArray();
        });
        foreach (var kind in Enum.GetValues<AttentionKind>())
        {
            Attention Make(bool coverage = false, int window = 0) => new(kind, Size, Size, 48, new Rng(1), coverage: coverage, window: window);
            yield return Of($"Attention {kind}", () =>
            {
                var attention = Make();
                return attention.Forward(Sequence(1), attention.Remember(Sequence(2), Ragged())).Context;
            });
            yield return Of($"Attention {kind}, local", () =>
            {
                var attention = Make(window: 3);
                return attention.Forward(Sequence(1), attention.Remember(Sequence(2))).Weights;
            });
            yield return Of($"AttentiveCell {kind}", () =>
            {
                var attention = Make();
                var layers = new Recurrent(new LstmCell(AttentiveCell.LayersInput(Size, kind, Size, Size, inputFeeding: true), Size, new Rng(2)));
                var cell = new AttentiveCell(Size, layers, attention, Size, inputFeeding: true, new Rng(3));
                return new Recurrent(cell).Forward(Sequence(1), cell.Start(attention.Remember(Sequence(2), Ragged()))).Output;
            });
        }
        foreach (var (name, cell) in new (string, RecurrentCell)[]
        {
            ("SharedLstmCell", new SharedLstmCell(Size / 2, Size - Size / 2, 32, new Rng(1))), ("SharedGruCell", new SharedGruCell(Size / 2, Size - Size / 2, 32, new Rng(1))),
            ("CoupledLstmCell", new CoupledLstmCell(Size, 16, 2, new Rng(1))), ("CoupledGruCell", new CoupledGruCell(Size, 16, 2, new Rng(1))),
        })
            yield return Of(name, () => new Recurrent(cell).Forward(Sequence(1), lengths: Ragged()).Output);
        foreach (var kind in Pooling.Kinds)
        {
            Pooled Pool()
            {
                var layer = new Bidirectional(new GruCell(Size, 32, new Rng(1)), new GruCell(Size, 32, new Rng(2)));
                var (output, final) = layer.Forward(Sequence(1), lengths: Ragged());
                return Pooling.Create(kind, layer, new Rng(3)).Forward(output, final, Ragged());
            }
            var type = Pooling.Create(kind, new Recurrent(new GruCell(2, 2, new Rng(1))), new Rng(1)).GetType().Name;
            yield return Of($"{type}", () => Pool().Vector);
        }
        yield return Of("WordEncoder", () =>
        {
            var encoder = new WordEncoder(100, 24, 30, 12, 16, CellCatalog.Get("lstm"), new Rng(1));
            var letters = new TokenMatrix(9, 40);
            Ids(9 * 40, 30).CopyTo(letters.Ids);
            return encoder.Forward(Text(100), Ids(Steps * Batch, 40), letters, new Lengths([.. Enumerable.Range(0, 40).Select(i => 1 + i % 9)], 9));
        });
        yield return Of("LinearChainCrf loss", () => new LinearChainCrf(Size, new Rng(1)).Loss(Sequence(1), Ids(Steps * Batch, Size), Ragged()));
        yield return Of("LinearChainCrf marginals", () => new LinearChainCrf(Size, new Rng(1)).Marginals(Sequence(1), Ragged()));
        yield return new("LinearChainCrf best", () =>
        {
            var paths = new LinearChainCrf(20, new Rng(1)).Best(X(1, new(Steps, Batch, 20)), Ragged(), best: 2);
            return [.. paths.SelectMany(row => row.SelectMany(p => p.Tags.Select(t => (float)t).Append((float)p.Score)))];
        });
    }

    static IEnumerable<Case> Models()
    {
        TextDocument[] documents = [new("text", string.Concat(Enumerable.Repeat("the cat sat on the mat. a dog ran to the red house.\n", 20)))];
        var tokenizer = Tokenizer.Build("char", documents);
        var ids = tokenizer.Encode(documents[0].Text);
        LanguageModel Language() => new(new() { Cell = "gru", EmbeddingSize = 24, HiddenSize = Size, Layers = 2 }, tokenizer, new Rng(1));
        yield return Of("LanguageModel", () => Language().Forward(new TokenMatrix(ids.AsSpan(0, 200))).Logits);
        yield return new("LanguageModel in a session", () =>
        {
            var session = new LanguageModelSession(Language());
            session.Read(ids.AsSpan(0, 20));
            return session.Fork().Read(ids[20]).ToArray();
        });
        yield return new("LanguageModel evaluated", () => [(float)Language().Measure(new TokenStream(tokenizer, ids, [0]), batch: 4).Loss]);
        yield return new("LanguageModel trained", () =>
        {
            var model = Language();
            var task = new LanguageModelTask(model, new TokenStream(tokenizer, ids, [0]), null, new() { Batch = 8, Steps = 16 }, new Rng(2));
            new Trainer(task, new Adam(model.Parameters, 0.01), Schedule.Constant, new() { Iterations = 3, ClipNorm = 1 }).Run();
            return [.. model.Parameters.SelectMany(p => p.Parameter.Values.ToArray())];
        });

        Example[] examples = [.. Enumerable.Range(0, 40).Select(i => new Example { Text = documents[0].Text[(i * 3)..(i * 3 + 10 + i)], Labels = [i % 2 == 0 ? "a" : "b"], Source = "made" })];
        foreach (var pooling in Pooling.Kinds)
            yield return new($"SequenceClassifier {pooling}", () =>
            {
                var model = new SequenceClassifier(new() { Classes = ["a", "b"], EmbeddingSize = 24, HiddenSize = 32, Pooling = pooling, Members = 2, Bidirectional = true }, tokenizer, null, new Rng(1));
                return [.. model.Predict(model.Prepare(examples)).SelectMany(p => p)];
            });
        foreach (var architecture in MultiTaskConfig.Architectures)
            yield return new($"MultiTaskClassifier {architecture}", () =>
            {
                var model = new MultiTaskClassifier(new() { Architecture = architecture, EmbeddingSize = 24, HiddenSize = 32 }, [new("one", ["a", "b"]), new("other", ["a", "b", "c"])], tokenizer, new Rng(1));
                return [.. model.Predict("other", examples).SelectMany(p => p)];
            });
        yield return new("MultiTaskClassifier trained", () =>
        {
            var model = MultiTaskClassifier.Train(new Dictionary<string, IReadOnlyList<Example>> { ["one"] = examples, ["other"] = examples }, new() { Epochs = 2, PretrainLm = true, PretrainEpochs = 1, FineTune = true, TuneEpochs = 1, Tokens = "char", Model = new() { EmbeddingSize = 24, HiddenSize = 32 } });
            return [.. model.Predict("one", examples).SelectMany(p => p)];
        });
        yield return new("SequenceClassifier explained", () =>
        {
            var model = new SequenceClassifier(new() { Classes = ["a", "b"], EmbeddingSize = 24, HiddenSize = 32 }, tokenizer, null, new Rng(1));
            return [.. Attribution.Of(model, examples[7]).Steps.Select(s => (float)s.Connectivity)];
        });

        Example[] series = [.. Enumerable.Range(0, 30).Select(i => new Example { Series = new([.. Enumerable.Range(0, 2 * (3 + i % 9)).Select(t => (float)Math.Sin(t + i))], 3 + i % 9, 2), Labels = [$"{i}"], Source = "made" })];
        yield return new("SequenceRegressor", () =>
        {
            var scales = FeatureScales.Measure(series.Select(e => e.Series!));
            return [.. new SequenceRegressor(new() { Features = 2, HiddenSize = 32 }, scales, new([1], [2]), new Rng(1)).Predict(series).Select(y => (float)y)];
        });

        yield return new("Forecaster", () =>
        {
            double[] values = [.. Enumerable.Range(0, 200).Select(t => Math.Sin(t * Math.PI / 6) + t / 50.0)];
            var model = Forecaster.Train(TimeSeriesTable.From("y", values), new() { Iterations = 5, Model = new() { Horizon = 12, Season = 12, Context = 24, HiddenSize = 32 } });
            return [.. model.Forecast(TimeSeriesTable.From("y", values))[0].Quantile(0.9).Select(y => (float)y)];
        });

        TaggedSentence[] sentences = [.. Enumerable.Range(0, 30).Select(i => new TaggedSentence([.. "the red cat sat on a mat".Split(' ').Take(1 + i % 7)], [.. Enumerable.Range(0, 1 + i % 7).Select(t => t % 2 == 0 ? "X" : "Y")], "made"))];
        yield return new("SequenceTagger", () => [.. new SequenceTagger(new() { HiddenSize = 32 }, SentenceVocabulary.Build(sentences), new Rng(1)).Tag(sentences).Select(t => (float)t.Best[0].LogProbability)]);

        TextCoder Letters(string letters) => TextCoder.Build([letters], new() { Tokens = "char" });
        foreach (var attention in new[] { "general", "additive", "none" })
            yield return new($"Seq2Seq {attention}", () =>
            {
                var model = new Seq2Seq(new() { Attention = attention, EmbeddingSize = 16, HiddenSize = 48, InitScale = 0.5 }, Letters("abcde"), Letters("xyz"), new Rng(1));
                return [.. new Translator([model], new() { Beam = 3 }).Translate(["abc", "deabcde", "e"]).Select(t => (float)t[0].Sequence.LogProbability)];
            });
        yield return Of("Decoder", () =>
        {
            var model = new Seq2Seq(new() { Attention = "general", EmbeddingSize = 16, HiddenSize = 48 }, Letters("abcde"), Letters("xyz"), new Rng(1));
            var source = new TokenMatrix(Steps, Batch);
            Ids(Steps * Batch, 5).CopyTo(source.Ids);
            var target = new TokenMatrix(4, Batch);
            Ids(4 * Batch, 3).CopyTo(target.Ids);
            return model.Decoder.Forward(target, model.Read(source, Ragged1())).Readout;
        });
        Series[] pictures = [.. Enumerable.Range(0, 6).Select(p => new Series([.. Enumerable.Range(0, 64).Select(k => (float)Math.Sin(p + k * k))], steps: 8, features: 8))];
        var captions = new CaptionerConfig { Features = 8, Rows = 8, Encoder = "rnn", Attention = "dot", EmbeddingSize = 16, HiddenSize = 32, EncoderSize = 16, InitScale = 0.5 };
        yield return new("Captioner", () =>
        {
            var model = new Captioner(captions, Captioner.MeasureScales(captions, pictures), Letters("xyz"), new Rng(1));
            return [.. new CaptionWriter([model], new() { Beam = 2 }).Describe(pictures).Select(t => (float)t[0].Sequence.LogProbability)];
        });
    }

    /// <summary>No row without a step: a source has its end at least.</summary>
    static Lengths Ragged1() => new([.. Enumerable.Range(0, Batch).Select(b => 1 + b * 7 % Steps)], Steps);
}
