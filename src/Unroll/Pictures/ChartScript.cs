using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Unroll.Pictures;

/// <summary>
/// Tells the values of charts in a page, when pointed at and by keys. A chart is a <c>figure.chart</c> with a <c>.readout</c>, a list of texts in JSON, one for each point, and
/// <c>.plot</c>s, sliders whose <c>data-x</c> and <c>data-y</c> say where each point is on the paper.
/// </summary>
internal static class ChartScript
{
    /// <summary>A list of texts as JSON that may stand in a script of a page.</summary>
    public static string Json(IEnumerable<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))                    // which writes < and & as \u003C and \u0026
        {
            json.WriteStartArray();
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public const string Text = """
        for (const figure of document.querySelectorAll('figure.chart')) {
          const readout = figure.querySelector('.readout');
          const texts = JSON.parse(figure.querySelector('script').textContent);
          for (const plot of figure.querySelectorAll('.plot')) {
            const svg = plot.querySelector('svg'), ns = svg.namespaceURI;
            const xs = plot.dataset.x.split(' ').map(Number), ys = plot.dataset.y.split(' ');
            const cursor = svg.appendChild(document.createElementNS(ns, 'g'));
            let at = -1;
            const show = i => {
              if (!texts.length) return;
              at = Math.max(0, Math.min(texts.length - 1, i));
              readout.textContent = texts[at];
              plot.setAttribute('aria-valuenow', at + 1);
              plot.setAttribute('aria-valuetext', texts[at]);
              const add = (name, attributes) => {
                const e = cursor.appendChild(document.createElementNS(ns, name));
                for (const key in attributes) e.setAttribute(key, attributes[key]);
              };
              cursor.replaceChildren();
              add('path', { class: 'edge', d: `M${xs[at]} ${plot.dataset.top}V${plot.dataset.bottom}` });
              if (ys[at] !== '-')
                for (const dot of ys[at].split(',').map(d => d.split(':'))) add('circle', { class: 'dot ' + dot[0], cx: xs[at], cy: dot[1], r: 4 });
            };
            const nearest = x => {
              let low = 0, high = xs.length - 1;
              while (low < high) { const middle = (low + high) >> 1; if (xs[middle] < x) low = middle + 1; else high = middle; }
              return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low;
            };
            const point = e => {
              const box = svg.getBoundingClientRect();
              show(nearest((e.clientX - box.left) * svg.viewBox.baseVal.width / box.width));
            };
            plot.addEventListener('pointermove', point);
            plot.addEventListener('pointerdown', point);
            plot.addEventListener('focus', () => { if (at < 0) show(texts.length - 1); });
            plot.addEventListener('keydown', e => {
              const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -texts.length, End: texts.length }[e.key];
              if (step === undefined) return;
              e.preventDefault();
              show(at + step);
            });
          }
        }
        """;
}
