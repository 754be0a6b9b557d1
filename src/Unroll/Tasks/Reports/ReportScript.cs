namespace Unroll.Tasks;

/// <summary>What makes a report's heat-maps: their looks, and the script that unpacks, draws and tells them.</summary>
internal static class ReportScript
{
    public const string Style = """
        nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0 0 1rem}nav a{padding:.25rem 0}
        .controls{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;margin:.75rem 0}label{font-size:.9rem;color:var(--faint)}
        select,input{font:inherit;font-size:.95rem;color:var(--ink);background:var(--paper);border:1px solid var(--edge);border-radius:4px;padding:.2rem .3rem;max-width:100%}input[type=range]{padding:0;vertical-align:middle;accent-color:var(--cold)}
        .heatmap{max-height:26rem;overflow:auto;border:1px solid var(--grid);border-radius:4px;touch-action:pan-x pan-y}
        .field{position:relative;width:max-content}.field canvas{display:block;image-rendering:pixelated}
        .cursor{position:absolute;outline:2px solid var(--ink);outline-offset:-1px;pointer-events:none}
        .text{font-family:ui-monospace,"DejaVu Sans Mono","Noto Sans Mono CJK KR",monospace;font-size:.95rem;line-height:1.8;white-space:pre-wrap;max-height:22rem;overflow:auto;border:1px solid var(--grid);border-radius:4px;padding:.5rem}
        .text span{padding:.15em 0}.text .here{outline:2px solid var(--ink)}
        #histogram{display:flex;align-items:flex-end;gap:1px;height:9rem;max-width:40rem;border-bottom:1px solid var(--edge)}#histogram i{flex:1;background:var(--cold);min-height:1px}
        """;

    public const string Text = """
        const report = JSON.parse(document.getElementById('report').textContent), words = report.words;
        const find = id => document.getElementById(id);
        const shown = token => token === '\n' ? '⏎' : token === '\t' ? '⇥' : token === ' ' ? '␣' : token;
        const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, i) => values[i]);
        const colour = name => { const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim(); return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)); };
        const decimals = step => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));

        const unpack = async text => {
          const letters = atob(text), bytes = new Uint8Array(letters.length);
          for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
          const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
          return new Int8Array(await new Response(stream).arrayBuffer());
        };

        // A matrix of numbers that is drawn one pixel a value and enlarged, with a cursor that is moved by pointer and keys.
        class HeatMap {
          constructor(id, tell) {
            [this.box, this.readout, this.tell] = [find(id + '-heat'), find(id + '-readout'), tell];
            [this.canvas, this.cursor] = [this.box.querySelector('canvas'), this.box.querySelector('.cursor')];
            [this.rows, this.columns, this.row, this.column, this.zoom] = [0, 0, 0, 0, 8];
            const point = e => {
              const box = this.canvas.getBoundingClientRect();
              this.move(Math.floor((e.clientY - box.top) / this.zoom), Math.floor((e.clientX - box.left) / this.zoom), false);
            };
            this.canvas.addEventListener('pointermove', point);
            this.canvas.addEventListener('pointerdown', point);
            this.box.addEventListener('keydown', e => {
              const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -this.columns], End: [0, this.columns] }[e.key] ?? [0, 0];
              if (!down && !right) return;
              e.preventDefault();
              this.move(this.row + down, this.column + right, true);
            });
            matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
          }
          set(bytes, rows, columns, step) {
            [this.bytes, this.rows, this.columns, this.step] = [bytes, rows, columns, step];
            this.most = bytes.reduce((most, b) => Math.max(most, Math.abs(b)), 1);
            this.draw();
            this.move(this.row, this.column, false);
          }
          value(row, column) { return this.bytes[row * this.columns + column] * this.step; }
          written(row, column) { return this.value(row, column).toFixed(decimals(this.step)); }
          draw() {
            if (!this.rows) return;
            const [paper, warm, cold] = ['--paper', '--warm', '--cold'].map(colour);
            const image = new ImageData(this.columns, this.rows);
            for (let i = 0; i < this.bytes.length; i++) {
              const strength = Math.abs(this.bytes[i]) / this.most, to = this.bytes[i] < 0 ? cold : warm;
              for (let c = 0; c < 3; c++) image.data[4 * i + c] = paper[c] + (to[c] - paper[c]) * strength;
              image.data[4 * i + 3] = 255;
            }
            [this.canvas.width, this.canvas.height] = [this.columns, this.rows];
            this.canvas.getContext('2d').putImageData(image, 0, 0);
            this.resize(this.zoom);
          }
          resize(zoom) {
            this.zoom = zoom;
            this.canvas.style.width = this.columns * zoom + 'px';
            this.canvas.style.height = this.rows * zoom + 'px';
            this.place();
          }
          place() {
            Object.assign(this.cursor.style, { left: this.column * this.zoom + 'px', top: this.row * this.zoom + 'px', width: this.zoom + 'px', height: this.zoom + 'px' });
          }
          move(row, column, scroll) {
            if (!this.rows) return;
            [this.row, this.column] = [Math.max(0, Math.min(this.rows - 1, row)), Math.max(0, Math.min(this.columns - 1, column))];
            this.place();
            this.readout.textContent = this.tell(this.row, this.column, this.written(this.row, this.column));
            if (scroll) this.cursor.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          }
        }

        const options = (select, names) => select.replaceChildren(...names.map((name, i) => new Option(name, i)));

        function showStates() {
          const [layer, map, unit, zoom, text] = ['layer', 'map', 'unit', 'zoom', 'text'].map(find);
          let of, heat, spans = [], here = -1;
          const tell = (row, column, value) => {
            spans[here]?.classList.remove('here');
            spans[here = column]?.classList.add('here');
            if (+unit.value !== row) { unit.value = row; paint(); }
            return `${words.step} ${column + 1} “${shown(of.tokens[column])}”, ${words.unit} ${of.units[row]}, ${of.maps[map.value].name} = ${value}`;
          };
          heat = new HeatMap('states', tell);
          const paint = () => {
            const row = +unit.value;
            spans.forEach((span, i) => {
              const value = heat.value(row, i) / heat.most / heat.step;
              span.style.backgroundColor = value ? `color-mix(in srgb, var(${value < 0 ? '--cold' : '--warm'}) ${Math.round(60 * Math.abs(value))}%, transparent)` : '';
            });
          };
          const showMap = async () => {
            const chosen = of.maps[map.value], bytes = await unpack(chosen.data);
            if (chosen !== of.maps[map.value]) return;
            heat.set(bytes, of.units.length, of.tokens.length, chosen.step);
            paint();
          };
          const showLayer = () => {
            of = report.layers[layer.value];
            options(map, of.maps.map(m => m.label));
            options(unit, of.units);
            spans = of.tokens.map(token => Object.assign(document.createElement('span'), { textContent: token === '\n' ? '⏎\n' : token }));
            text.replaceChildren(...(of.tokens.some(t => [...t].length > 1) ? spans.flatMap(s => [s, ' ']) : spans));
            return showMap();
          };
          options(layer, report.layers.map(l => l.name));
          layer.addEventListener('change', showLayer);
          map.addEventListener('change', showMap);
          unit.addEventListener('change', () => { heat.move(+unit.value, heat.column, false); paint(); });
          zoom.addEventListener('input', () => heat.resize(+zoom.value));
          text.addEventListener('pointerover', e => { const i = spans.indexOf(e.target); if (i >= 0) heat.move(heat.row, i, false); });
          return showLayer();
        }

        function showWeights() {
          const matrix = find('matrix'), histogram = find('histogram');
          let of;
          const heat = new HeatMap('weights', (row, column, value) => {
            const place = (shown, all, at) => shown === all ? at + 1 : `${Math.ceil(at * all / shown) + 1}–${Math.ceil((at + 1) * all / shown)}`;
            return `${words.row} ${place(of.shownRows, of.rows, row)}, ${words.column} ${place(of.shownColumns, of.columns, column)}: ${value}`;
          });
          const show = async () => {
            of = report.matrices[matrix.value];
            const chosen = of, bytes = await unpack(of.data);
            if (chosen !== of) return;
            heat.zoom = Math.max(4, Math.min(14, Math.floor(640 / of.shownColumns)));
            heat.set(bytes, of.shownRows, of.shownColumns, of.step);
            find('matrix-note').textContent = fill(of.rows > of.shownRows || of.columns > of.shownColumns ? words.blocks : words.all, of.rows, of.columns);
            const most = Math.max(...of.histogram, 1), range = fill(words.range, of.low, of.high);
            histogram.replaceChildren(...of.histogram.map(count => {
              const bar = document.createElement('i');
              bar.style.height = 100 * count / most + '%';
              bar.title = count;
              return bar;
            }));
            histogram.setAttribute('aria-label', `${of.name}, ${range}: ${of.histogram.join(' ')}`);
            find('histogram-note').textContent = range;
          };
          options(matrix, report.matrices.map(m => m.name));
          matrix.addEventListener('change', show);
          return show();
        }

        Promise.all([report.layers.length && find('states-heat') ? showStates() : null, report.matrices.length ? showWeights() : null])
          .then(() => document.documentElement.dataset.ready = Math.round(performance.now()));
        """;
}
