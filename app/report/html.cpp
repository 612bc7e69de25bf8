#include "app/report/report.h"
#include "engine/core/base64.h"

#include <fmt/core.h>

#include <cstddef>
#include <string_view>

namespace splatscope {
namespace {

using Kind = ReportBlock::Kind;

constexpr std::string_view kStyle = R"(
:root { --ink: #1c1f24; --quiet: #5d6570; --line: #d9dde3; --accent: #1f6fc4; --ground: #ffffff; }
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); }
body { max-width: 52rem; margin: 3.5rem auto 6rem; padding: 0 1.5rem;
  font: 1rem/1.55 "Source Serif 4", "Source Serif Pro", Charter, Georgia, "Times New Roman", serif; }
h1, h2, th, figcaption, caption, .mark, .subtitle, nav {
  font-family: Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
.subtitle { color: var(--quiet); margin: 0 0 2rem; font-size: .95rem; }
nav { font-size: .85rem; color: var(--quiet); border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line); padding: .6rem 0; margin-bottom: 2rem; }
nav a { color: var(--accent); text-decoration: none; margin-right: 1rem; white-space: nowrap; }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .8rem; display: flex; align-items: baseline; gap: .8rem; }
.mark { font-size: .75rem; font-weight: 400; color: var(--quiet); }
p, ul { margin: .6rem 0 1rem; }
ul { padding-left: 1.2rem; }
li { margin: .25rem 0; }
figure { margin: 1.6rem 0; }
img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 4px; }
figcaption, caption { font-size: .85rem; line-height: 1.45; color: var(--quiet); text-align: left;
  margin-top: .5rem; }
caption { caption-side: top; padding-bottom: .5rem; }
.wide { overflow-x: auto; margin: 1rem 0 1.6rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.4; }
th { font-weight: 500; font-size: .8rem; color: var(--quiet); text-align: left;
  border-bottom: 1px solid var(--ink); padding: .3rem .7rem .3rem 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; vertical-align: top; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: #f5f6f8; border: 1px solid var(--line); border-radius: 4px; padding: .9rem 1.1rem;
  font: .8rem/1.5 Inconsolata, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  thead { display: table-header-group; }
}
)";

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

// An id for a heading: its letters and digits.
std::string anchor(std::string_view heading) {
    std::string id;
    for (const char c : heading) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        id += letter ? static_cast<char>(c | 0x20) : '-';
    }
    return id;
}

void add_table(const ReportBlock& block, std::string& out) {
    const auto class_of = [&](std::size_t column) {
        const bool number = column < block.table.numbers.size() && block.table.numbers[column];
        return number ? " class=\"n\"" : "";
    };
    out += "<div class=\"wide\"><table>\n";
    if (!block.text.empty()) out += "<caption>" + escaped(block.text) + "</caption>\n";
    out += "<thead><tr>";
    for (std::size_t c = 0; c < block.table.head.size(); ++c)
        out += fmt::format("<th{}>{}</th>", class_of(c), escaped(block.table.head[c]));
    out += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : block.table.rows) {
        out += "<tr>";
        for (std::size_t c = 0; c < row.size(); ++c)
            out += fmt::format("<td{}>{}</td>", class_of(c), escaped(row[c]));
        out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
}

void add_block(const ReportBlock& block, const std::map<std::string, std::string>& pictures,
               std::string& out) {
    switch (block.kind) {
        case Kind::heading:
            out += fmt::format("<h2 id=\"{}\">{}", anchor(block.text), escaped(block.text));
            if (!block.mark.empty())
                out += " <span class=\"mark\">" + escaped(block.mark) + "</span>";
            out += "</h2>\n";
            break;
        case Kind::text: out += "<p>" + escaped(block.text) + "</p>\n"; break;
        case Kind::list:
            out += "<ul>\n";
            for (const std::string& item : block.items) out += "<li>" + escaped(item) + "</li>\n";
            out += "</ul>\n";
            break;
        case Kind::table: add_table(block, out); break;
        case Kind::code: out += "<pre>" + escaped(block.text) + "</pre>\n"; break;
        case Kind::picture: {
            const auto picture = pictures.find(block.view);
            if (picture == pictures.end()) break;
            out += fmt::format(
                "<figure><img alt=\"{}\" src=\"data:image/png;base64,{}\"><figcaption>{}"
                "</figcaption></figure>\n",
                escaped(block.view), hsa::base64(picture->second), escaped(block.text));
            break;
        }
    }
}

}  // namespace

std::vector<std::string> Report::views() const {
    std::vector<std::string> wanted;
    for (const ReportBlock& block : blocks)
        if (block.kind == Kind::picture) wanted.push_back(block.view);
    return wanted;
}

std::string write_html(const Report& report, const std::map<std::string, std::string>& pictures) {
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    out += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
                       escaped(report.title), kStyle);
    out += fmt::format("<h1>{}</h1>\n<p class=\"subtitle\">{}</p>\n<nav>", escaped(report.title),
                       escaped(report.subtitle));
    for (const ReportBlock& block : report.blocks)
        if (block.kind == Kind::heading)
            out += fmt::format("<a href=\"#{}\">{}</a> ", anchor(block.text), escaped(block.text));
    out += "</nav>\n";
    for (const ReportBlock& block : report.blocks) add_block(block, pictures, out);
    out += "</body>\n</html>\n";
    return out;
}

}  // namespace splatscope
