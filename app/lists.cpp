#include "app/lists.h"

#include "app/bindings.h"
#include "app/commands/table.h"
#include "app/settings.h"
#include "app/views/view.h"
#include "engine/core/error.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace splatscope {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

struct Format {
    const char* endings;
    const char* what;
    const char* direction;
};

constexpr std::array<Format, 19> kFormats = {{
    {".txt .md, any UTF-8",
     "a text; UTF-16 by its byte order mark, Latin-1 by `open PATH as latin1`", "in"},
    {"a folder",
     "its texts as one, a section each, sorted by path; 1 GB at most; what is no text is skipped "
     "and counted",
     "in"},
    {".jsonl .json",
     "records: a text each (\"text\", \"content\", \"body\", \"sentence\", or `as text:FIELD`) as "
     "a "
     "section, or a vector each (\"embedding\", \"vector\", \"embeddings\", or `as "
     "embeddings:FIELD`); other fields are properties",
     "in"},
    {".tsv .csv",
     "embeddings, with or without header; the first column of words names the rows, others are "
     "properties",
     "in"},
    {"metadata.tsv",
     "opened beside vectors (or any table `as metadata`): a line a row, names of columns first "
     "where there are several; one column of words names the rows, others are properties",
     "in"},
    {".vec .bin .txt", "vectors of words: word2vec text and binary, fastText, GloVe", "in"},
    {".npy", "embeddings: float16/32/64, int8/32/64, C and Fortran order", "in and out"},
    {".npz",
     "embeddings, or the only matrix; queries, keys, values of a head or of layers of "
     "heads; tokens; mask (0 = padding); attention [n, n], [heads, n, n] or [layers, heads, n, n] "
     "is "
     "what is explained",
     "in"},
    {".safetensors",
     "a matrix of vectors: the only one, \"embeddings\" or \"embedding\", or `as tensor:NAME`; "
     "float16/32/64, bfloat16",
     "in"},
    {".parquet",
     "where the build found Arrow: the columns of lists of numbers, of words and of numbers as "
     "those of .jsonl are chosen, or `as embeddings:COLUMN`, `as text:COLUMN`; without such a list "
     "the numbers of a row are its vector",
     "in"},
    {".gz .zst",
     "any of these packed, on standard input too; unpacked to at most 1,000 times its size (256 MB "
     "always, 16 GB at most)",
     "in"},
    {".json", "splats", "in and out"},
    {".splats", "splats, binary", "in and out"},
    {".run", "a history of adaptation", "in and out"},
    {".session", "a session: a script of commands; its history lies beside it as .run",
     "in and out"},
    {".png", "pictures, the session inside: opening one of them brings it back", "in and out"},
    {".svg .pdf",
     "pictures of one view with letters and lines as such and the map's pixels as an image inside; "
     "the session is inside, too",
     "in and out"},
    {".webp .gif",
     "animations of a view over cycles or round the 3-D scene, where the build found libwebp and "
     "giflib; the session of their first frame is inside, too",
     "in and out"},
    {".html .md", "a report: what the session found, with its pictures", "out"},
}};

std::string as_text(const Row& names, const std::vector<Row>& rows) {
    std::vector<std::size_t> width(names.size(), 0);
    for (const Row& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c)
            text += c + 1 == row.size() ? row[c] : fmt::format("{:<{}}  ", row[c], width[c]);
        text += '\n';
    }
    return text;
}

std::string as_json(const Row& names, const std::vector<Row>& rows) {
    json list = json::array();
    for (const Row& row : rows) {
        json object = json::object();
        for (std::size_t c = 0; c < row.size(); ++c) object[names[c]] = row[c];
        list.push_back(std::move(object));
    }
    return list.dump() + "\n";
}

std::vector<Row> command_rows() {
    std::vector<Row> rows;
    for (const CommandRow& row : command_table())
        rows.push_back({row.name, row.arguments, row.help});
    return rows;
}

std::vector<Row> setting_rows_text() {
    std::vector<Row> rows;
    for (const SettingRow& row : setting_rows()) {
        std::string values = row.type;
        if (!row.choices.empty()) {
            values.clear();
            for (const std::string& choice : row.choices)
                values += (values.empty() ? "" : "|") + choice;
        } else if (row.limits.low != row.limits.high) {
            values += fmt::format(" {}..{}", row.limits.low, row.limits.high);
        }
        rows.push_back({row.name, values, "[" + row.default_value + "]", row.help});
    }
    return rows;
}

std::vector<Row> binding_rows() {
    std::vector<Row> rows;
    const std::vector<Binding> all = bindings();
    rows.reserve(all.size());
    for (const Binding& binding : all) rows.push_back({binding.key, binding.command, binding.help});
    return rows;
}

std::vector<Row> view_rows() {
    std::vector<Row> rows;
    for (const auto& view : make_views()) rows.push_back({view->id(), view->title(), view->help()});
    return rows;
}

std::vector<Row> format_rows() {
    std::vector<Row> rows;
    rows.reserve(kFormats.size());
    for (const Format& format : kFormats)
        rows.push_back({format.endings, format.direction, format.what});
    return rows;
}

}  // namespace

std::string list_table(const std::string& name, bool machine) {
    Row names;
    std::vector<Row> rows;
    if (name == "commands") {
        names = {"name", "arguments", "help"};
        rows = command_rows();
    } else if (name == "settings") {
        names = {"name", "values", "default", "help"};
        rows = setting_rows_text();
    } else if (name == "bindings") {
        names = {"key", "command", "help"};
        rows = binding_rows();
    } else if (name == "views") {
        names = {"id", "title", "help"};
        rows = view_rows();
    } else if (name == "formats") {
        names = {"endings", "direction", "what"};
        rows = format_rows();
    } else {
        hsa::fail_usage(
            "There is no table of {}: there are commands, settings, bindings, views, formats.",
            name);
    }
    return machine ? as_json(names, rows) : as_text(names, rows);
}

std::string licences() {
    return "Part of the program file:\n"
           "  Dear ImGui: MIT\n"
           "  Roboto: Apache 2.0.  Inconsolata: SIL Open Font Licence 1.1.  Font Awesome: SIL OFL "
           "1.1\n"
           "  DejaVu Sans: Bitstream Vera and public domain.  Droid Sans Fallback: Apache 2.0\n"
           "  NanumSquare, Lohit Devanagari: SIL OFL 1.1\n"
           "  viridis, cividis, magma, PuOr, twilight: the tables of matplotlib (CC0) and "
           "ColorBrewer (Apache 2.0)\n"
           "Libraries of the system it is linked with:\n"
           "  GLFW: zlib.  libepoxy: MIT.  Mesa: MIT.  fontconfig: MIT.  Cairo: LGPL 2.1 or MPL "
           "1.1.  "
           "FreeType: FTL.  Eigen: MPL 2.0.  Highway: "
           "Apache 2.0\n"
           "  oneTBB: Apache 2.0.  ICU: Unicode.  fast_float: Apache 2.0 or MIT.  JSON for Modern "
           "C++: MIT\n"
           "  libwebp: BSD.  giflib: MIT.  libxcb: MIT (X11).  HarfBuzz: Old MIT\n"
           "  zstd: BSD.  zlib: zlib.  xxHash: BSD.  libzip: BSD.  libpng: libpng.  CLI11: BSD.  "
           "fmt: MIT\n";
}

}  // namespace splatscope
