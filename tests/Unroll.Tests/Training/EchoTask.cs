using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// A small task with everything that a resume must bring back: a recurrent network with dropout learns to give its first input of the step
/// before; chunks come in an order drawn anew each epoch, and the state is carried from chunk to chunk.
/// </summary>
sealed class EchoTask : TrainingTask
{
    const int Inputs = 3, Hidden = 6, Steps = 4, Batch = 2, Chunks = 5;

    readonly Rng _order, _mask;
    readonly Network _network;
    readonly Tensor[] _x = new Tensor[Chunks], _y = new Tensor[Chunks];
    readonly int[] _chunks = [.. Enumerable.Range(0, Chunks)];
    readonly State _carried;
    int _next;

    public EchoTask(ulong seed = 1, int hidden = Hidden)
    {
        var rng = new Rng(seed);
        (_order, _mask) = (rng.Fork("order"), rng.Fork("mask"));
        _network = new Network(hidden, rng.Fork("init"), _mask);
        var data = rng.Fork("data");
        for (var i = 0; i < Chunks; i++)
        {
            (_x[i], _y[i]) = (Tensor.Zeros(new(Steps, Batch, Inputs)), Tensor.Zeros(new(Steps, Batch, 1)));
            data.FillUniform(_x[i].Values, -1, 1);
            for (var t = 1; t < Steps; t++)
                for (var b = 0; b < Batch; b++) _y[i].Values[t * Batch + b] = _x[i].Values[((t - 1) * Batch + b) * Inputs];
        }
        _carried = _network.Layer.ZeroState(Batch);
        _order.Shuffle(_chunks.AsSpan());
    }

    public override Module Model => _network;
    public override int BatchesPerEpoch => Chunks;
    public override long TokensInBatch => Steps * Batch;
    public override bool HasValidation => ValidLoss is not null;

    /// <summary>Gives the validation loss; null for no validation.</summary>
    public Func<EchoTask, double>? ValidLoss { get; init; }

    /// <summary>Called before each batch.</summary>
    public Action<int>? Before { get; init; }

    /// <summary>Multiplies the loss.</summary>
    public double Scale { get; set; } = 1;

    public int Batches { get; private set; }

    public override Tensor NextLoss()
    {
        Before?.Invoke(Batches);
        Batches++;
        if (_next == Chunks)
        {
            _order.Shuffle(_chunks.AsSpan());
            _next = 0;
        }
        var chunk = _chunks[_next++];
        return Loss(chunk, _carried, carry: true) * Scale;
    }

    /// <summary>The true loss over all chunks, each from a zero state.</summary>
    public double TrueLoss()
    {
        double sum = 0;
        for (var i = 0; i < Chunks; i++)
        {
            using var tape = Tape.Scratch();
            sum += Loss(i, default, carry: false).Scalar;
        }
        return sum / Chunks;
    }

    Tensor Loss(int chunk, State state, bool carry)
    {
        var (y, final) = _network.Forward(_x[chunk], state);
        if (carry) _carried.CopyFrom(final);
        return Ops.Mean(Ops.Square(y - _y[chunk]));
    }

    public override Validation Validate() => new(ValidLoss!(this), ("twice", 2.0));

    public override void Capture(CheckpointState snapshot)
    {
        snapshot.Set("order", _order.State);
        snapshot.Set("mask", _mask.State);
        snapshot.Set("next", _next);
        snapshot.Set("chunks", [.. _chunks.Select(c => (long)c)]);
        snapshot.Add("carried", _carried);
    }

    public override void Restore(CheckpointState snapshot)
    {
        _order.State = snapshot.GetRng("order");
        _mask.State = snapshot.GetRng("mask");
        _next = (int)snapshot.GetInt64("next");
        var chunks = new long[Chunks];
        snapshot.CopyTo("chunks", chunks);
        for (var i = 0; i < Chunks; i++) _chunks[i] = (int)chunks[i];
        snapshot.CopyTo("carried", _carried);
    }

    sealed class Network : Module
    {
        readonly Dropout _dropout;
        readonly Linear _head;

        public Network(int hidden, Rng init, Rng mask)
        {
            Layer = Add("rnn", new Recurrent(new LstmCell(Inputs, hidden, init)));
            _dropout = Add("dropout", new Dropout(0.2, mask));
            _head = Add("head", new Linear(hidden, 1, init));
        }

        public Recurrent Layer { get; }

        public (Tensor Output, State Final) Forward(Tensor x, State state)
        {
            var (h, final) = Layer.Forward(x, state);
            return (_head.Forward(_dropout.Forward(h)), final);
        }
    }
}

/// <summary>Keeps every checkpoint, as a file would: in text.</summary>
sealed class MemoryStore : ICheckpointStore
{
    public List<CheckpointState> Last { get; } = [];
    public List<CheckpointState> Best { get; } = [];

    public void SaveLast(CheckpointState snapshot) => Last.Add(Written(snapshot));
    public void SaveBest(CheckpointState snapshot) => Best.Add(Written(snapshot));

    static CheckpointState Written(CheckpointState snapshot)
    {
        var read = new CheckpointState(System.Text.Json.Nodes.JsonNode.Parse(snapshot.Values.ToJsonString())!.AsObject());
        foreach (var (name, tensor) in snapshot.Tensors) read.Add(name, tensor);
        return read;
    }
}

/// <summary>Keeps every report.</summary>
sealed class MemoryObserver : ITrainingObserver
{
    public List<StepReport> Steps { get; } = [];
    public List<ValidationReport> Validations { get; } = [];
    public List<(long Iteration, bool Best)> Checkpoints { get; } = [];

    public void OnStep(in StepReport report) => Steps.Add(report);
    public void OnValidation(ValidationReport report) => Validations.Add(report);
    public void OnCheckpoint(long iteration, bool best) => Checkpoints.Add((iteration, best));
}
