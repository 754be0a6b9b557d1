using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Bench;

/// <summary>All kernels that are timed, each against the loop in <see cref="Plain"/>; cells against their composed steps.</summary>
static unsafe class KernelList
{
    /// <summary>By name, made when asked for. Shapes are those of recurrent layers, and small enough for a plain loop of some 50 ms.</summary>
    public static readonly (string Name, Func<Kernel> Make)[] All =
    [
        ("product-many-rows", () => Product(512, 512, 256)),            // the input's product of a layer, for all steps at once
        ("product-batch", () => Product(32, 1024, 256)),                // a step of a batch
        ("product-few-rows", () => Product(4, 1024, 256)),
        ("product-one-row", () => Product(1, 1024, 256)),               // a step of a stream
        ("product-wide", () => Product(32, 2048, 1024)),                // weights of 8 MB
        ("product-words", () => Product(32, 10000, 200)),               // the output of a model of words
        ("product-transposed", () => Product(512, 512, 256, transposed: true)),     // a weight's gradient
        ("product-peak", Peak),                                         // in the first-level cache, against multiply-adds of what is in registers
        ("pack", () => Pack(1024, 512, transposed: false)),
        ("pack-transposed", () => Pack(512, 1024, transposed: true)),
        ("tanh", () => Unary<Tanh>(Plain.Tanh)),
        ("sigmoid", () => Unary<Sigmoid>(Plain.Sigmoid)),
        ("exp", () => Unary<Exp>(Plain.Exp)),
        ("cross-entropy", CrossEntropy),
        ("layer-norm", Norm),
        ("adam", Adam),
        ("gradient-norm", GradientNorm),
        ("clip", Clipping),
        ("embedding", Gather),
        ("embedding-gradient", GatherBackward),
        ("dropout", Dropout),
        ("lstm-infer", () => Fused(new("lstm"))),                        // the fused twin against composed steps
        ("lstm-train", () => Fused(new("lstm", Training: true))),
        ("gru-infer", () => Fused(new("gru"))),
        ("gru-train", () => Fused(new("gru", Training: true))),
        ("rnn-infer", () => Fused(new("rnn"))),
        ("rnn-train", () => Fused(new("rnn", Training: true))),
        ("lstm-tiny", () => Fused(new("lstm", Steps: 32, Batch: 4, Size: 16, Training: true))),
        ("lstm-stream", () => Fused(new("lstm", Steps: 64, Batch: 1))),
        ("lstm-products", () => Products(new("lstm", Training: true))),     // training against its bare products
        ("lstm-threads", () => Threads(new("lstm", Training: true))),       // and on all threads against one
        ("lstm-variational", () => WithDropout(new("lstm", Steps: 50, Batch: 50, Size: 128, Training: true, Layers: 2), Masks.Inputs)),     // with dropout against without
        ("lstm-recurrent", () => WithDropout(new("lstm", Steps: 50, Batch: 50, Size: 128, Training: true, Layers: 2), Masks.States)),
        ("lstm-recurrent-256", () => WithDropout(new("lstm", Training: true), Masks.States)),
        ("gru-recurrent-256", () => WithDropout(new("gru", Training: true), Masks.States)),
    ];

    static Tensor Numbers(params ReadOnlySpan<int> sizes)
    {
        var count = 1;
        foreach (var size in sizes) count *= size;
        var values = new float[count];
        new Rng(1).Fork($"{count}").FillUniform(values, -2, 2);
        return Tensor.From(values, sizes.Length == 3 ? new(sizes[0], sizes[1], sizes[2]) : new(sizes[0], sizes.Length > 1 ? sizes[1] : 1));
    }

    static Tensor Room(int count) => Tensor.Zeros(new(count));

    static int[] Ids(int count, int below)
    {
        var rng = new Rng(2);
        return [.. Enumerable.Range(0, count).Select(_ => rng.Next(below))];
    }

    static Func<(float[], float[])> Compare(Tensor fast, Tensor plain) => () => (fast.ToArray(), plain.ToArray());

    static Kernel Product(int m, int n, int k, bool transposed = false)
    {
        Tensor a = Numbers(m, k), b = Numbers(k, n), packed = Room(Gemm.PackedLength(k, n)), c = Room(m * n), plain = Room(m * n);
        fixed (float* right = b, panels = packed) Gemm.Pack(Factor.Raw(right, n, 1), k, n, panels);
        var (row, step) = transposed ? (1, m) : (k, 1);
        return new(transposed ? $"[{k}, {m}]ᵀ·[{k}, {n}]" : $"[{m}, {k}]·[{k}, {n}]", 2.0 * m * n * k, Kernel.Operations,
            () =>
            {
                fixed (float* left = a, panels = packed, to = c)
                    Gemm.Multiply(left, row, step, Factor.Packed(panels, k, Gemm.PanelColumns), null, 0, to, n, m, n, k);
            },
            () => Plain.Product(a.Values, row, step, b.Values, plain.Values, m, n, k), Compare(c, plain));
    }

    static Kernel Pack(int k, int n, bool transposed)
    {
        Tensor b = Numbers(k, n), packed = Room(Gemm.PackedLength(k, n)), plain = Room(packed.Count);
        var (row, column) = transposed ? (1, k) : (n, 1);
        return new(transposed ? $"[{n}, {k}]ᵀ" : $"[{k}, {n}]", 8.0 * k * n, Kernel.Bytes,
            () =>
            {
                fixed (float* right = b, panels = packed) Gemm.Pack(Factor.Raw(right, row, column), k, n, panels);
            },
            () => Plain.Pack(b.Values, row, column, plain.Values, k, n, Gemm.PanelColumns), Compare(packed, plain));
    }

    delegate void Function(ReadOnlySpan<float> x, Span<float> y);

    static Kernel Unary<TOp>(Function function) where TOp : IUnary
    {
        const int Count = 64 * 1024;
        Tensor x = Numbers(Count), y = Room(Count), plain = Room(Count);
        return new($"[{Count}]", 8.0 * Count, Kernel.Bytes,
            () =>
            {
                fixed (float* from = x, to = y) ThreadTeam.Run(new UnaryKernel<TOp>(from, to), Count, 16384);
            },
            () => function(x.Values, plain.Values), Compare(y, plain));
    }

    static Kernel CrossEntropy()
    {
        const int Rows = 128, Classes = 10_000;
        Tensor x = Numbers(Rows, Classes).WithGradient(), plain = Room(x.Count);
        var targets = Ids(Rows, Classes);
        return new($"[{Rows}, {Classes}]", 12.0 * x.Count, Kernel.Bytes,           // x read on both ways, its gradient written
            () =>
            {
                x.ClearGradient();
                using var tape = Tape.Record();
                tape.Backward(Losses.CrossEntropy(x, targets));
            },
            () => Plain.CrossEntropy(x.Values, targets, plain.Values, Classes), () => (x.Gradient.ToArray(), plain.ToArray()));
    }

    static Kernel Norm()
    {
        const int Rows = 1024, Size = 256;
        var norm = new LayerNorm(Size);
        new Rng(3).FillUniform(norm.Weight.Edit(), 0.5, 2);
        Tensor x = Numbers(Rows, Size).WithGradient(), y = Room(x.Count), dx = Room(x.Count), dGain = Room(Size), dBias = Room(Size);
        return new($"[{Rows}, {Size}]", 20.0 * x.Count, Kernel.Bytes,              // x read and y written; x and dy read, dx written
            () =>
            {
                x.ClearGradient();
                norm.ClearGradients();
                using var tape = Tape.Record();
                tape.Backward(Ops.Sum(norm.Forward(x)));
            },
            () => Plain.LayerNorm(x.Values, norm.Weight.Values, norm.Bias.Values, y.Values, dx.Values, dGain.Values, dBias.Values),
            () => ([.. x.Gradient, .. norm.Weight.Gradient, .. norm.Bias.Gradient], [.. dx.Values, .. dGain.Values, .. dBias.Values]));
    }

    const int Weights = 1 << 20;

    static Parameter WithGradient()
    {
        var parameter = new Parameter(new(Weights));
        Numbers(Weights).Values.CopyTo(parameter.Edit());
        Numbers(Weights).Values.CopyTo(parameter.Gradient);
        return parameter;
    }

    static Kernel Adam()
    {
        var parameter = WithGradient();
        var adam = new Adam([new("w", parameter)]);
        Tensor g = Numbers(Weights), w = Numbers(Weights), m = Room(Weights), v = Room(Weights);
        var step = 0;
        return new($"[{Weights}]", 28.0 * Weights, Kernel.Bytes,                   // w, g, m and v read; w, m and v written
            () =>
            {
                parameter.Tensor.Data.GradientIsFresh = false;                     // a step forgets it
                adam.Step();
            },
            () => Plain.Adam(w.Values, g.Values, m.Values, v.Values, 0.001f, ++step), () => (parameter.Values.ToArray(), w.ToArray()));
    }

    static Kernel GradientNorm()
    {
        NamedParameter[] parameters = [new("w", WithGradient())];
        var g = Numbers(Weights);
        double fast = 0, plain = 0;
        return new($"[{Weights}]", 4.0 * Weights, Kernel.Bytes, () => fast = Clip.GradientNorm(parameters), () => plain = Plain.Norm(g.Values),
            () => ([(float)fast], [(float)plain]));
    }

    static Kernel Clipping()
    {
        const double Shrinking = 0.9999;            // a little less every time, so that there is always something to do
        NamedParameter[] parameters = [new("w", WithGradient())];
        var g = Numbers(Weights);
        double max = Plain.Norm(g.Values), plainMax = max;
        return new($"[{Weights}]", 12.0 * Weights, Kernel.Bytes, () => Clip.ByNorm(parameters, max *= Shrinking),
            () => Plain.Clip(g.Values, plainMax *= Shrinking), () => (parameters[0].Parameter.Gradient.ToArray(), g.ToArray()));
    }

    const int Words = 10_000, Dimensions = 200, Batch = 2048;

    static Kernel Gather()
    {
        var table = new Parameter(new(Words, Dimensions));
        Numbers(Words, Dimensions).Values.CopyTo(table.Edit());
        var ids = Ids(Batch, Words);
        Tensor y = Room(Batch * Dimensions), plain = Room(Batch * Dimensions);
        return new($"{Batch} of [{Words}, {Dimensions}]", 8.0 * y.Count, Kernel.Bytes,
            () =>
            {
                using var scratch = Tape.Scratch();
                Ops.Gather(table, ids, new(Batch));
            },
            () => Plain.Gather(table.Values, ids, plain.Values, Dimensions),
            () =>
            {
                using var scratch = Tape.Scratch();
                return (Ops.Gather(table, ids, new(Batch)).ToArray(), plain.ToArray());
            });
    }

    static Kernel GatherBackward()
    {
        var table = new Parameter(new(Words, Dimensions));
        var ids = Ids(Batch, Words);
        var plain = Room(Words * Dimensions);
        return new($"{Batch} of [{Words}, {Dimensions}]", 12.0 * Batch * Dimensions + 4.0 * plain.Count, Kernel.Bytes,      // rows added to a table of zeros
            () =>
            {
                table.ClearGradient();
                using var tape = Tape.Record();
                tape.Backward(Ops.Sum(Ops.Gather(table, ids, new(Batch))));
            },
            () => Plain.GatherBackward(ids, plain.Values, Dimensions), () => (table.Gradient.ToArray(), plain.ToArray()));
    }

    static Kernel Dropout()
    {
        const int Count = 256 * 1024;
        Tensor x = Numbers(Count), plain = Room(Count);
        var rng = new Rng(4);
        var start = rng.State;
        var fast = new float[Count];
        return new($"[{Count}]", 8.0 * Count, Kernel.Bytes,
            () =>
            {
                rng.State = start;
                using var tape = Tape.Record();
                Ops.Dropout(x, 0.5, rng);
            },
            () => Plain.Dropout(x.Values, plain.Values, start, 0.5f),
            () =>
            {
                rng.State = start;
                using var tape = Tape.Record();
                return (Ops.Dropout(x, 0.5, rng).ToArray(), plain.ToArray());
            });
    }

    /// <summary>Where one mask for all steps is put: nowhere, on what goes into each layer, or on h where it enters the gates.</summary>
    enum Masks { None, Inputs, States }

    /// <summary>Layers of as many units as inputs.</summary>
    sealed record Layer(string Cell, int Steps = 32, int Batch = 32, int Size = 256, bool Training = false, int Layers = 1)
    {
        public int Gates => Cell switch { "lstm" => 4, "gru" => 3, _ => 1 };

        /// <summary>Two products a step; each has two derivatives.</summary>
        public double Operations => 2.0 * Gates * Size * 2 * Size * Batch * Steps * Layers * (Training ? 3 : 1);

        public override string ToString() => $"{(Layers > 1 ? $"{Layers} × " : "")}{Size} units, batch {Batch}, {Steps} steps";

        public (Action Run, Func<float[]> Result) Make(bool composed, Masks masks = Masks.None)
        {
            Rng weights = new(5), draws = new(6);
            Dropout? inputs = masks == Masks.Inputs ? new(0.3, draws, sameForAllSteps: true) : null, states = masks == Masks.States ? new(0.3, draws) : null;
            var layer = new Stacked([.. Enumerable.Range(0, Layers)
                .Select(_ => new Recurrent(CellCatalog.Get(Cell).Create(Size, Size, weights), Direction.Forward, states) { Composed = composed })], inputs);
            var x = Numbers(Steps, Batch, Size).WithGradient();
            var output = Room(x.Count);
            if (!Training)
                return (() =>
                {
                    using var scratch = Tape.Scratch();
                    layer.Forward(x).Output.Values.CopyTo(output.Values);
                }, output.ToArray);
            return (() =>
            {
                foreach (var (_, p) in layer.Parameters) p.Edit();         // weights count as changed: packing them is part of it
                layer.ClearGradients();
                x.ClearGradient();
                using var tape = Tape.Record();
                tape.Backward(Ops.Sum(layer.Forward(inputs?.Forward(x) ?? x).Output));
            }, () => [.. x.Gradient, .. layer.Parameters.SelectMany(p => p.Parameter.Gradient.ToArray())]);
        }
    }

    static Kernel Fused(Layer layer)
    {
        var (fast, fastResult) = layer.Make(composed: false);
        var (composed, composedResult) = layer.Make(composed: true);
        return new($"{layer}", layer.Operations, Kernel.Operations, fast, composed, () => (fastResult(), composedResult()));
    }

    /// <summary>A ratio of 1 would say that nothing but the products takes time. They compute nothing that could be compared.</summary>
    static Kernel Products(Layer layer)
    {
        var (run, _) = layer.Make(composed: false);
        int rows = layer.Steps * layer.Batch, size = layer.Size, gates = layer.Gates * size;
        Kernel input = Product(rows, gates, size), step = Product(layer.Batch, gates, size), back = Product(rows, size, gates),
            stepBack = Product(layer.Batch, size, gates), weights = Product(gates, size, rows, transposed: true);
        return new($"{layer}", layer.Operations, Kernel.Operations, run, () =>
        {
            input.Fast();
            for (var t = 0; t < layer.Steps; t++) step.Fast();
            for (var t = 0; t < layer.Steps; t++) stepBack.Fast();
            back.Fast();
            weights.Fast();
            weights.Fast();
        }, () => ([], []));
    }

    /// <summary>A ratio of 1 would say that nothing but multiply-adds takes time. The peak's numbers are of no use, so nothing is compared.</summary>
    static Kernel Peak()
    {
        const int Rows = 60, K = 256, Runs = 20;
        var columns = Gemm.PanelColumns;
        var product = Product(Rows, columns, K);
        var work = Runs * 2.0 * Rows * K * columns;
        var sums = Room(columns);
        return new($"[{Rows}, {K}]·[{K}, {columns}]", work, Kernel.Operations,
            () =>
            {
                for (var i = 0; i < Runs; i++) product.Fast();
            },
            () =>
            {
                fixed (float* to = sums) ThreadTeam.Run(new PeakKernel { To = to }, (int)(work / PeakKernel.Operations(1)), int.MaxValue);
            }, () => ([], []));
    }

    /// <summary>A ratio of 1 would say that the masks cost nothing. They make other numbers, so nothing is compared.</summary>
    static Kernel WithDropout(Layer layer, Masks masks)
    {
        var (with, _) = layer.Make(composed: false, masks);
        var (without, _) = layer.Make(composed: false);
        return new($"{layer}", layer.Operations, Kernel.Operations, with, without, () => ([], []));
    }

    static Kernel Threads(Layer layer)
    {
        var all = Compute.Threads;
        var (shared, sharedResult) = layer.Make(composed: false);
        var (alone, aloneResult) = layer.Make(composed: false);
        return new($"{layer}", layer.Operations, Kernel.Operations, shared,
            () =>
            {
                Compute.Threads = 1;
                alone();
                Compute.Threads = all;
            },
            () => (sharedResult(), aloneResult()));
    }
}
