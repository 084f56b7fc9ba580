//! The profile as one page of HTML that needs nothing else: no script, no font, no picture from
//! elsewhere. Histograms are drawn in the page itself, and it prints.

use std::fmt::Write;

use tidemill_core::report::{ColumnReport, Histogram, Report};

use crate::profile::{entries, facts, warnings};
use crate::summary;
use crate::text::shown;

/// The size of a histogram, in units of its own.
const WIDE: f64 = 320.0;
const HIGH: f64 = 90.0;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2733;--faint:#5d6b7a;--line:#d7dee6;--ground:#fff;--bar:#2f6f9f}
@media (prefers-color-scheme:dark){:root{--ink:#e4eaf0;--faint:#9aa8b6;--line:#34414e;--ground:#141b22;--bar:#6fb1de}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.4rem;margin:0}
p{margin:.3rem 0}
.faint,figcaption,dt{color:var(--faint)}
ul{padding-left:1.2rem}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(22rem,100%),1fr));gap:1rem;margin-top:1.5rem}
section{border:1px solid var(--line);border-radius:6px;padding:1rem;break-inside:avoid;min-width:0}
h2{font-size:1.05rem;margin:0 0 .6rem;overflow-wrap:anywhere}
figure{margin:0 0 .8rem}
svg{display:block;width:100%;height:auto}
rect{fill:var(--bar)}
line{stroke:var(--line)}
figcaption{display:flex;justify-content:space-between;font-size:.8rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .9rem;margin:0;font-size:.9rem}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
@media print{body{max-width:none;padding:0;font-size:11px}main{grid-template-columns:repeat(3,1fr);gap:.5rem}section{padding:.5rem}}
";

pub fn page(report: &Report) -> String {
    let mut facts = facts(report);
    let name = facts.remove(0);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n\
         <p class=\"faint\">{1}</p>\n",
        escaped(&name),
        escaped(&facts.join(", "))
    );
    for line in summary::accounts(report) {
        let _ = writeln!(out, "<p class=\"faint\">{}</p>", escaped(&line));
    }
    out.push_str("</header>\n");
    let warnings = warnings(report);
    if !warnings.is_empty() {
        out.push_str("<aside>\n<h2>Warnings</h2>\n<ul>\n");
        for warning in warnings {
            let _ = writeln!(out, "<li>{}</li>", escaped(&warning));
        }
        out.push_str("</ul>\n</aside>\n");
    }
    out.push_str("<main>\n");
    for column in &report.columns {
        section(&mut out, report, column);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn section(out: &mut String, report: &Report, column: &ColumnReport) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&shown(&column.name)));
    if let Some(histogram) = &column.figures.histogram {
        figure(out, histogram);
    }
    out.push_str("<dl>\n");
    for (name, value) in entries(report, &column.figures, true) {
        // The histogram in characters stands above as a picture.
        if name != "histogram" {
            let _ = writeln!(
                out,
                "<dt>{}</dt><dd>{}</dd>",
                escaped(&name),
                escaped(&value)
            );
        }
    }
    out.push_str("</dl>\n</section>\n");
}

fn figure(out: &mut String, histogram: &Histogram) {
    let edge = |at: usize| {
        let figure = histogram.edges.get(at);
        escaped(
            &figure
                .map(|figure| shown(&figure.plain()))
                .unwrap_or_default(),
        )
    };
    let bins = histogram.counts.len();
    let most = histogram.counts.iter().max().copied().unwrap_or(0).max(1) as f64;
    let step = WIDE / bins.max(1) as f64;
    let _ = writeln!(
        out,
        "<figure>\n<svg viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-label=\"{bins} bins from {} to {}\">",
        edge(0),
        edge(bins)
    );
    for (at, count) in histogram.counts.iter().enumerate() {
        let height = *count as f64 / most * (HIGH - 2.0);
        // What is there is seen.
        let height = if *count > 0 { height.max(1.0) } else { 0.0 };
        let _ = writeln!(
            out,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{height:.2}\"><title>{} to {}: {count}</title></rect>",
            at as f64 * step + 0.5,
            HIGH - 1.0 - height,
            (step - 1.0).max(0.5),
            edge(at),
            edge(at + 1)
        );
    }
    let _ = writeln!(
        out,
        "<line x1=\"0\" y1=\"{0}\" x2=\"{WIDE}\" y2=\"{0}\"/>\n</svg>\n<figcaption><span>{1}</span><span>{2}</span></figcaption>\n</figure>",
        HIGH - 0.5,
        edge(0),
        edge(bins)
    );
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_data_is_markup() {
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
