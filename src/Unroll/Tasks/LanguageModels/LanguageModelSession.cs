using System.Runtime.CompilerServices;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// A language model in use, one token at a time: what has been read is in its <see cref="State"/>, which can be saved, loaded and forked. A
/// step allocates nothing.
/// </summary>
/// <remarks>
/// Not safe for use by several threads at once: the second one that reads, forks or resets meanwhile gets an <see cref="InvalidOperationException"/>.
/// Sessions of several threads may share a model.
/// </remarks>
public sealed class LanguageModelSession
{
    readonly TokenMatrix _token = new(1, 1);
    readonly Real[] _logits;
    SerialGuard _guard;

    /// <summary>A session that has read nothing.</summary>
    public LanguageModelSession(LanguageModel model)
    {
        Model = model;
        State = model.ZeroState(1);
        _logits = new Real[model.Tokenizer.VocabularySize];
    }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>What the model remembers: its tensors may be read, and written to put it into another state.</summary>
    public State State { get; }

    /// <summary>How many tokens were read.</summary>
    public long Count { get; private set; }

    /// <summary>The last token read; −1 before the first.</summary>
    public int Last { get; private set; } = -1;

    /// <summary>The scores of the next token after the last one read, before the softmax; zeros before the first.</summary>
    public ReadOnlySpan<Real> Logits => _logits;

    /// <summary>Reads one token.</summary>
    /// <returns>The scores of the next one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<Real> Read(int id)
    {
        Check(id);
        using var alone = _guard.Enter(nameof(LanguageModelSession));
        _token[0, 0] = id;
        using var scratch = Tape.Scratch();
        var (logits, final) = Model.Forward(_token, State);
        State.CopyFrom(final);
        logits.Values.CopyTo(_logits);
        (Count, Last) = (Count + 1, id);
        return _logits;
    }

    /// <summary>Reads many tokens at once, as fast as a batch.</summary>
    /// <returns>The scores of the next one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token; none was read.</exception>
    public ReadOnlySpan<Real> Read(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids) Check(id);
        using var alone = _guard.Enter(nameof(LanguageModelSession));
        for (; ids.Length > 0; ids = ids[Math.Min(ids.Length, 256)..])
        {
            var part = new TokenMatrix(ids[..Math.Min(ids.Length, 256)]);
            using var scratch = Tape.Scratch();
            var (logits, final) = Model.Forward(part, State);
            State.CopyFrom(final);
            logits[^1..].Values.CopyTo(_logits);
            (Count, Last) = (Count + part.Steps, ids[part.Steps - 1]);
        }
        return _logits;
    }

    /// <summary>Reads a prompt and writes what follows, piece by piece, as each is known. Whoever stops early stops the work.</summary>
    /// <param name="prompt">What the text begins with, or goes on with; a new text where it is empty and nothing was read yet.</param>
    /// <param name="length">Tokens to generate, at least 0.</param>
    /// <param name="sampling">How they are chosen; the defaults where null.</param>
    /// <param name="seed">The same seed draws the same text. A token's random number follows from its place, so a text that is saved and gone on with is the one written at once.</param>
    /// <exception cref="UnrollException">The prompt has characters that the model cannot read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public IEnumerable<string> Generate(string prompt, int length, SamplingOptions? sampling = null, ulong seed = 1)
    {
        if (length < 0) Throw.OutOfRange(nameof(length), length, "at least 0");
        var rng = new Rng(seed);
        var sampler = new Sampler(sampling ?? new(), rng);
        return Write(Model.Tokenizer.Encode(prompt, "the prompt"), length, sampler, rng);
    }

    /// <summary>The same for callers that must not wait: each piece is computed on a thread of the pool.</summary>
    /// <inheritdoc cref="Generate"/>
    /// <param name="prompt">What the text begins with, or goes on with.</param>
    /// <param name="length">Tokens to generate, at least 0.</param>
    /// <param name="sampling">How they are chosen; the defaults where null.</param>
    /// <param name="seed">The same seed draws the same text.</param>
    /// <param name="cancellation">Ends the text between two pieces, with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<string> GenerateAsync(
        string prompt, int length, SamplingOptions? sampling = null, ulong seed = 1, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var pieces = Generate(prompt, length, sampling, seed).GetEnumerator();
        while (await Task.Run(pieces.MoveNext, cancellation).ConfigureAwait(false)) yield return pieces.Current;
    }

    IEnumerable<string> Write(int[] prompt, int length, Sampler sampler, Rng rng)
    {
        var decoder = new TokenDecoder(Model.Tokenizer);
        if (Last >= 0) decoder.Next(Last);
        // A text begins where another ended: without a prompt the model has just read the end of a line.
        if (prompt.Length == 0 && Count == 0) Read(Model.Tokenizer.EndOfLineId ?? 0);
        foreach (var id in prompt) decoder.Next(id);
        Read(prompt);
        rng.State = rng.State with { Count = (ulong)Count };
        for (var i = 0; i < length; i++)
        {
            var id = sampler.Next(Logits);
            Read(id);
            yield return decoder.Next(id).ToString();
        }
        yield return decoder.Finish().ToString();
    }

    void Check(int id)
    {
        if ((uint)id >= (uint)_logits.Length) Throw.OutOfRange(nameof(id), id, $"from 0 to {_logits.Length - 1}");
    }

    /// <summary>Another session in the same state, which goes its own way from here.</summary>
    public LanguageModelSession Fork()
    {
        using var alone = _guard.Enter(nameof(LanguageModelSession));
        var fork = new LanguageModelSession(Model) { Count = Count, Last = Last };
        fork.State.CopyFrom(State);
        _logits.CopyTo(fork._logits, 0);
        return fork;
    }

    /// <summary>Sets what is not in <see cref="State"/>, of a session that was saved.</summary>
    internal void Restore(ReadOnlySpan<Real> logits, long count, int last)
    {
        logits.CopyTo(_logits);
        (Count, Last) = (count, last);
    }

    /// <summary>Writes what was read into a safetensors file, from which <see cref="Load"/> goes on; the file is replaced only when the new one is complete.</summary>
    /// <exception cref="InvalidFileException">The file cannot be written; what stood there is unchanged.</exception>
    public void Save(string path) => SessionFile.Save(path, this);

    /// <summary>A session in a state that was saved.</summary>
    /// <param name="path">What <see cref="Save"/> wrote.</param>
    /// <param name="model">The model that read it.</param>
    /// <exception cref="InvalidFileException">The file cannot be read, or is of another model.</exception>
    public static LanguageModelSession Load(string path, LanguageModel model) => SessionFile.Load(path, model);

    /// <summary>Forgets all that was read.</summary>
    public void Reset()
    {
        using var alone = _guard.Enter(nameof(LanguageModelSession));
        State.Reset();
        Array.Clear(_logits);
        (Count, Last) = (0, -1);
    }
}
