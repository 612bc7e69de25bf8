#include "app/report/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace splatscope {
namespace {

using Kind = ReportBlock::Kind;

// What would be taken for a mark of Markdown or HTML is written as it stands.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += ' ';
            continue;
        }
        if (std::string_view("\\`*_{}[]<>|#").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

void add_table(const ReportTable& table, std::string& out) {
    out += '|';
    for (const std::string& cell : table.head) out += " " + escaped(cell) + " |";
    out += "\n|";
    for (std::size_t c = 0; c < table.head.size(); ++c)
        out += c < table.numbers.size() && table.numbers[c] ? " ---: |" : " --- |";
    out += '\n';
    for (const std::vector<std::string>& row : table.rows) {
        out += '|';
        for (const std::string& cell : row) out += " " + escaped(cell) + " |";
        out += '\n';
    }
}

// A fence longer than any run of its own letters inside.
std::string fence_for(std::string_view code) {
    std::size_t longest = 2, run = 0;
    for (const char c : code) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    std::string fence(longest + 1, '`');
    return fence;
}

}  // namespace

std::string write_markdown(const Report& report,
                           const std::map<std::string, std::string>& pictures) {
    std::string out = fmt::format("# {}\n\n{}\n", escaped(report.title), escaped(report.subtitle));
    for (const ReportBlock& block : report.blocks) {
        switch (block.kind) {
            case Kind::heading:
                out += "\n## " + escaped(block.text);
                if (!block.mark.empty()) out += " (" + escaped(block.mark) + ")";
                out += "\n";
                break;
            case Kind::text: out += "\n" + escaped(block.text) + "\n"; break;
            case Kind::list:
                out += '\n';
                for (const std::string& item : block.items) out += "* " + escaped(item) + "\n";
                break;
            case Kind::table:
                out += '\n';
                if (!block.text.empty()) out += escaped(block.text) + "\n\n";
                add_table(block.table, out);
                break;
            case Kind::code: {
                const std::string fence = fence_for(block.text);
                out += fmt::format("\n{}\n{}{}{}\n", fence, block.text,
                                   block.text.ends_with('\n') ? "" : "\n", fence);
                break;
            }
            case Kind::picture: {
                const auto picture = pictures.find(block.view);
                if (picture == pictures.end()) break;
                out += fmt::format("\n![{}](<{}>)\n\n{}\n", escaped(block.view), picture->second,
                                   escaped(block.text));
                break;
            }
        }
    }
    return out;
}

}  // namespace splatscope
