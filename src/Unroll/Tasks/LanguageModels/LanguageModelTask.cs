using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>How a language model reads its text while it is trained.</summary>
internal sealed record LanguageModelTaskOptions
{
    /// <summary>B, the rows of a batch; at least 1. Default 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>T, the tokens of a chunk, over which gradients flow back; at least 1. Default 64.</summary>
    public int Steps { get; init; } = 64;

    /// <summary>
    /// Whether each line is a sequence of its own, over which gradients flow back in full. Otherwise the text is one stream: read in chunks, the
    /// state carried from one to the next and set to zero where a document begins (truncated backpropagation through time). Default false.
    /// </summary>
    public bool Lines { get; init; }
}

/// <summary>Trains a <see cref="LanguageModel"/> to predict the next token.</summary>
internal sealed class LanguageModelTask : TrainingTask
{
    readonly LanguageModel _model;
    readonly TokenStream _train;
    readonly TokenStream? _valid;
    readonly LanguageModelTaskOptions _options;
    readonly ChunkReader? _chunks;
    readonly LineReader? _lines;
    readonly LineReader? _validLines;
    readonly TokenMatrix _inputs;
    readonly int[] _targets, _rowLengths;
    readonly bool[] _resets;
    readonly Lengths _lengths;
    readonly State _state;

    /// <summary>A task that begins at the first token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="train">The text to learn from, made by the model's tokenizer.</param>
    /// <param name="valid">The text to validate on, if there is one.</param>
    /// <param name="options">Sizes and the way of reading.</param>
    /// <param name="rng">Where the order of lines comes from.</param>
    /// <exception cref="UnrollException">A text is too short, or has nothing to learn.</exception>
    public LanguageModelTask(LanguageModel model, TokenStream train, TokenStream? valid, LanguageModelTaskOptions options, Rng rng)
    {
        (_model, _train, _valid, _options) = (model, train, valid, options);
        int steps;
        if (options.Lines)
        {
            _lines = new LineReader(train, options.Batch, rng);
            _validLines = valid is null ? null : new LineReader(valid, options.Batch);
            steps = Math.Max(_lines.Steps, _validLines?.Steps ?? 0);
            _state = default;
        }
        else
        {
            _chunks = new ChunkReader(train, options.Batch, options.Steps);
            steps = options.Steps;
            _state = model.ZeroState(options.Batch);
        }
        var size = (long)steps * options.Batch;
        if (size * model.Tokenizer.VocabularySize > Array.MaxLength) Throw.BatchTooLarge(steps, options.Batch, model.Tokenizer.VocabularySize);
        _inputs = new TokenMatrix(steps, options.Batch);
        (_targets, _resets, _rowLengths) = (new int[(int)size], new bool[(int)size], new int[options.Batch]);
        _lengths = new Lengths(_rowLengths, steps);
    }

    /// <inheritdoc/>
    public override Module Model => _model;

    /// <inheritdoc/>
    public override int BatchesPerEpoch => _lines?.BatchesPerEpoch ?? _chunks!.ChunksPerPass;

    /// <inheritdoc/>
    public override long TokensInBatch => _tokens;

    /// <inheritdoc/>
    public override bool HasValidation => _valid is not null;

    long _tokens;

    /// <inheritdoc/>
    public override Tensor NextLoss()
    {
        if (_lines is not null)
        {
            var lines = NextLines(_lines, out var batch);
            _tokens = batch.Targets;
            return lines;
        }
        _inputs.Resize(_options.Steps, _options.Batch);
        var chunk = _chunks!.Next(_inputs.Ids, _targets, _resets);
        var (loss, final) = _model.Loss(_inputs, _targets, _state, resets: chunk.ResetsAtStart || chunk.ResetsInside ? _resets : default);
        _state.CopyFrom(final);
        _tokens = chunk.Targets;
        return loss;
    }

    Tensor NextLines(LineReader reader, out LineBatch batch)
    {
        _inputs.Resize(reader.Steps, _options.Batch);
        batch = reader.Next(_inputs.Ids, _targets, _rowLengths);
        _inputs.Resize(batch.Steps, _options.Batch);
        _lengths.Set(_rowLengths, batch.Steps);
        return _model.Loss(_inputs, _targets.AsSpan(0, batch.Steps * _options.Batch), lengths: _lengths).Loss;
    }

    /// <inheritdoc/>
    public override Validation Validate()
    {
        if (_valid is null) Throw.NoValidation();
        var score = _validLines is null ? _model.Measure(_valid, _options.Batch, _options.Steps) : ScoreLines(_validLines);
        return new(score.Loss, ("perplexity", score.Perplexity), ("bits_per_character", score.BitsPerCharacter));
    }

    LanguageModelScore ScoreLines(LineReader reader)
    {
        double nats = 0;
        long tokens = 0;
        reader.Position = 0;
        for (var i = 0; i < reader.BatchesPerEpoch; i++)
        {
            using var scratch = Tape.Scratch();
            nats += NextLines(reader, out var batch).Scalar * (double)batch.Targets;
            tokens += batch.Targets;
        }
        return new(nats / tokens, tokens, reader.TargetCharacters);
    }

    /// <inheritdoc/>
    public override void Capture(CheckpointState snapshot)
    {
        snapshot.SetData(Fingerprint(_train), Fingerprint(_valid), _lines?.Position ?? _chunks!.Position);
        snapshot.Set("dropout", _model.DropoutRng.State);
        snapshot.Add("state", _state);
    }

    /// <inheritdoc/>
    public override void Restore(CheckpointState snapshot)
    {
        var position = snapshot.GetPosition(Fingerprint(_train), _train.Count, Fingerprint(_valid), _valid?.Count ?? 0);
        if (_lines is not null) _lines.Position = position;
        else _chunks!.Position = position;
        _model.DropoutRng.State = snapshot.GetRng("dropout");
        snapshot.CopyTo("state", _state);
    }

    static string Fingerprint(TokenStream? text) => text?.Fingerprint.ToString("x16", System.Globalization.CultureInfo.InvariantCulture) ?? "none";
}
