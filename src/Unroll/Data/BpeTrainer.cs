using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>Learns byte-pair merges.</summary>
/// <remarks>
/// All pieces lie in one chain of positions with links to both neighbours. Each pair knows its count and where it was seen to begin;
/// places that later merges took away stay in its list and are recognised when they are visited. A merge touches only the neighbours of
/// the places where it happens, so learning costs about one visit for each token merged away, whatever the number of merges.
/// <para>The heap may hold old counts. Counts of pairs in the heap only fall, because a merge makes pairs only with its new token: so a
/// pair that comes up with its true count is the most frequent one, and any other is put back with its true count.</para>
/// </remarks>
sealed class BpeTrainer
{
    const int None = -1;

    sealed class Pair
    {
        public long Count;
        public readonly List<int> Places = [];
    }

    readonly List<int> _tokens = [];          // None: merged into the position before
    readonly List<int> _next = [];
    readonly List<int> _previous = [];
    readonly List<long> _weights = [];        // how often the piece at this position occurs
    readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _heap = new();

    public BpeTrainer(IEnumerable<(byte[] Bytes, long Count)> pieces)
    {
        foreach (var (bytes, count) in pieces)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var place = _tokens.Count;
                _tokens.Add(bytes[i]);
                _weights.Add(count);
                _previous.Add(i > 0 ? place - 1 : None);
                _next.Add(i + 1 < bytes.Length ? place + 1 : None);
                if (i > 0) Add(place - 1, place);
            }
        }
        foreach (var (pair, entry) in _pairs) Push(pair, entry.Count);
    }

    public (int Left, int Right)[] Learn(int most, long minCount)
    {
        var merges = new List<(int Left, int Right)>();
        while (merges.Count < most && _heap.TryDequeue(out var pair, out var priority))
        {
            if (!_pairs.TryGetValue(pair, out var entry)) continue;
            if (entry.Count != -priority.NegativeCount) Push(pair, entry.Count);
            else if (entry.Count < minCount) break;
            else
            {
                Merge(pair, entry, ByteTokenizer.ByteCount + merges.Count);
                merges.Add(pair);
            }
        }
        return [.. merges];
    }

    void Merge((int Left, int Right) pair, Pair entry, int token)
    {
        _pairs.Remove(pair);
        var made = new HashSet<(int, int)>();
        foreach (var place in entry.Places)
        {
            var right = _next[place];
            if (_tokens[place] != pair.Left || right == None || _tokens[right] != pair.Right) continue;
            var (before, after) = (_previous[place], _next[right]);
            if (before != None) Drop(before, place);
            if (after != None) Drop(right, after);
            _tokens[place] = token;
            _tokens[right] = None;
            _next[place] = after;
            if (after != None) _previous[after] = place;
            if (before != None) made.Add(Add(before, place));
            if (after != None) made.Add(Add(place, after));
        }
        foreach (var p in made)
            if (_pairs.TryGetValue(p, out var fresh)) Push(p, fresh.Count);
    }

    (int, int) Add(int left, int right)
    {
        var pair = (_tokens[left], _tokens[right]);
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
        entry ??= new Pair();
        entry.Count += _weights[left];
        entry.Places.Add(left);
        return pair;
    }

    void Drop(int left, int right)
    {
        var pair = (_tokens[left], _tokens[right]);
        if (!_pairs.TryGetValue(pair, out var entry)) return;             // the pair that is being merged
        entry.Count -= _weights[left];
        if (entry.Count == 0) _pairs.Remove(pair);
    }

    void Push((int Left, int Right) pair, long count) => _heap.Enqueue(pair, (-count, pair.Left, pair.Right));
}
