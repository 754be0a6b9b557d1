using Unroll.Kernels;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>Searches the likeliest texts, or draws them, from one model or the mean of several.</summary>
/// <remarks>
/// Every input has its own search; those of a batch take each step together, and only hypotheses that are still alive are computed. A hypothesis is
/// a row of the decoder's state, which says itself which row of the memory it reads: keeping the best means copying states, never the memory. What
/// a search finds does not depend on the others in its batch. Safe for use by several threads.
/// </remarks>
internal sealed unsafe class SequenceDecoder
{
    readonly IReadOnlyList<EncoderDecoder> _models;
    readonly DecodingOptions _options;
    readonly int _begin, _end, _vocabulary;
    long _stepsOfRows;

    /// <param name="models">At least one; all with the same symbols to write.</param>
    /// <param name="options">How.</param>
    /// <exception cref="UnrollException">The models write other symbols.</exception>
    public SequenceDecoder(IReadOnlyList<EncoderDecoder> models, DecodingOptions options)
    {
        if (models.Count == 0) Throw.NoModels();
        options.Check();
        for (var m = 1; m < models.Count; m++)
            if (models[m].Target.ToJson().ToJsonString() != models[0].Target.ToJson().ToJsonString()) Throw.EnsembleSymbols(m);
        (_models, _options) = (models, options);
        (_begin, _end, _vocabulary) = (models[0].Target.BeginId, models[0].Target.EndId, models[0].Target.Size);
    }

    /// <summary>How many steps of one hypothesis were computed in all.</summary>
    internal long StepsOfRows => Interlocked.Read(ref _stepsOfRows);

    /// <summary>Decodes a batch.</summary>
    /// <param name="starts">What each model's decoder starts with, a row for each input.</param>
    /// <param name="limits">The most tokens for each input.</param>
    /// <param name="samplers">With sampling: <see cref="DecodingOptions.Best"/> for each input.</param>
    /// <returns>For each input its texts, the best first.</returns>
    /// <exception cref="UnrollException">A score is not a number.</exception>
    public DecodedSequence[][] Run(ReadOnlySpan<State> starts, ReadOnlySpan<int> limits, IReadOnlyList<Sampler>? samplers = null)
    {
        using var memory = Tape.Scratch();
        var perInput = samplers is null ? 1 : _options.Best;
        var searches = new Search[limits.Length * perInput];
        for (var i = 0; i < searches.Length; i++)
            searches[i] = new Search(_options, limits[i / perInput], samplers?[i], _begin, _end);
        var parents = new int[searches.Length];
        for (var i = 0; i < parents.Length; i++) parents[i] = i / perInput;
        var rooms = Rooms(starts, searches.Length * (samplers is null ? _options.Beam : 1));
        for (var m = 0; m < starts.Length; m++) Copy(starts[m], rooms[m], parents);
        var alive = new List<Search>(searches);
        var history = new History();
        var count = parents.Length;
        var ids = new int[count];
        ids.AsSpan().Fill(_begin);
        var tokens = new TokenMatrix(1, count);
        while (count > 0) (ids, count) = Step(rooms, tokens, ids, count, alive, history);

        var found = new DecodedSequence[limits.Length][];
        for (var i = 0; i < found.Length; i++)
        {
            var finished = new List<Finished>();
            for (var j = 0; j < perInput; j++) finished.AddRange(searches[i * perInput + j].Finished);
            finished.Sort(Finished.BestFirst);
            var length = starts[0].Memory.IsNone ? 0 : starts[0].Memory.LengthOf(i);
            found[i] = [.. finished.Take(_options.Best).Select(f => history.Write(f, length))];
        }
        return found;
    }

    /// <summary>One token for all hypotheses: the tokens of those that live on, and how many they are.</summary>
    (int[] Ids, int Count) Step(State[] rooms, TokenMatrix tokens, int[] ids, int count, List<Search> alive, History history)
    {
        using var scratch = Tape.Scratch();
        Interlocked.Add(ref _stepsOfRows, count);
        tokens.Resize(1, count);
        ids.AsSpan(0, count).CopyTo(tokens.Ids);
        var finals = new State[rooms.Length];
        var scores = default(Tensor);
        for (var m = 0; m < rooms.Length; m++)
        {
            (var readout, finals[m]) = _models[m].Decoder.Forward(tokens, FirstRows(rooms[m], count));
            var output = _models[m].Decoder.Output;
            var logits = Recorder.Report(output, Recorder.Logits, output.Forward(readout).Reshape(new(count, _vocabulary)));
            if (rooms.Length > 1) logits = Ops.Softmax(logits);
            scores = m == 0 ? logits : scores + logits;
        }
        if (rooms.Length > 1) scores = Ops.Log(scores * (1.0 / rooms.Length));
        history.Add(WeightsOf(finals));

        var bans = 0;
        for (var (i, row) = (0, 0); i < alive.Count; row += alive[i++].Rows) bans = Math.Max(bans, alive[i].FindBans(row, history));
        var most = _options.Sampling is null ? Math.Min(_vocabulary, 2 * _options.Beam + bans) : 1;
        Tensor best = Symbols.Ints(count * most), sums = Tensor.New(new(count));
        fixed (int* likeliest = best.Integers)
        fixed (Real* x = scores, s = sums)
            ThreadTeam.Run(new TopKernel { X = x, Ids = likeliest, LogSums = s, Columns = _vocabulary, Count = most }, count, Ops.RowGrain(_vocabulary));
        for (var r = 0; r < count; r++)
            if (Real.IsNaN(sums.Values[r])) Throw.LogitNotANumber(scores[r].Values.IndexOf(Real.NaN) is >= 0 and var at ? at : 0);

        var next = new List<Candidate>(count);
        for (var (i, row) = (0, 0); i < alive.Count; i++)
        {
            var rows = alive[i].Rows;
            var top = best.Integers.Slice(row * most, rows * most);
            alive[i].Advance(row, scores[row..(row + rows)], top, sums.Values.Slice(row, rows), history, next);
            row += rows;
        }
        alive.RemoveAll(s => s.Rows == 0);
        var parents = new int[next.Count];
        for (var i = 0; i < parents.Length; i++) parents[i] = next[i].Row;
        for (var m = 0; m < rooms.Length; m++) Copy(finals[m], rooms[m], parents);
        history.Grow(next);
        return ([.. next.Select(c => c.Id)], next.Count);
    }

    /// <summary>Room for the states of as many hypotheses as there can be; the outer tape's.</summary>
    static State[] Rooms(ReadOnlySpan<State> starts, int rows)
    {
        var rooms = new State[starts.Length];
        for (var m = 0; m < starts.Length; m++)
        {
            var room = State.Room(starts[m].Count);
            for (var i = 0; i < room.Count; i++) room[i] = Tensor.New(new(rows, starts[m][i].Columns));
            rooms[m] = State.In(room, starts[m].Memory);
        }
        return rooms;
    }

    static State FirstRows(State state, int count)
    {
        var room = State.Room(state.Count);
        for (var i = 0; i < room.Count; i++) room[i] = state[i][..count];
        return State.In(room, state.Memory);
    }

    static void Copy(State from, State to, int[] parents)
    {
        for (var i = 0; i < to.Count; i++)
        {
            var width = to[i].Columns;
            ReadOnlySpan<Real> rows = from[i].Values;
            if (rows.Overlaps(to[i].Values)) rows = Ops.Concat(from[i]).Values;            // a state that a step hands on as it is
            for (var r = 0; r < parents.Length; r++) rows.Slice(parents[r] * width, width).CopyTo(to[i].Values[(r * width)..]);
        }
    }

    /// <summary>The weights of the models that attend to as many steps as the first that attends, and their mean; none without attention.</summary>
    Tensor WeightsOf(State[] finals)
    {
        var mean = default(Tensor);
        var count = 0;
        for (var m = 0; m < finals.Length; m++)
        {
            var weights = _models[m].Decoder.WeightsOf(finals[m]);
            if (weights.IsNone || (count > 0 && weights.Columns != mean.Columns)) continue;
            mean = count++ == 0 ? weights : mean + weights;
        }
        return count > 1 ? mean * (1.0 / count) : mean;
    }
}
