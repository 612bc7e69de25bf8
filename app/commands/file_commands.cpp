#include "app/commands/table.h"
#include "app/run_file.h"
#include "app/session_file.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"
#include "engine/io/png.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

namespace splatscope {
namespace {

constexpr std::string_view kSample = "sample:";
constexpr std::array<std::string_view, 7> kKinds = {"text",   "latin1",  "lines", "embeddings",
                                                    "splats", "session", "run"};

enum class Opens { words, vectors, splats, session, run };

Opens kind_of(const std::string& path, const std::string& as, const std::string& bytes) {
    if (as == "text" || as == "latin1" || as == "lines") return Opens::words;
    if (as == "embeddings") return Opens::vectors;
    if (as == "splats") return Opens::splats;
    if (as == "session") return Opens::session;
    if (as == "run") return Opens::run;
    switch (hsa::detect(path, bytes)) {
        case hsa::FileKind::text: return Opens::words;
        case hsa::FileKind::table:
        case hsa::FileKind::npy:
        case hsa::FileKind::npz: return Opens::vectors;
        case hsa::FileKind::splats_json:
        case hsa::FileKind::splats_binary: return Opens::splats;
        case hsa::FileKind::session: return Opens::session;
        case hsa::FileKind::run: return Opens::run;
        case hsa::FileKind::png: break;
    }
    hsa::fail(
        "{} is a picture without the settings of a session: open a text, an embedding file, "
        "splats, a "
        "session or a run.",
        path);
}

std::string bytes_of(const ChangeContext& context, const std::string& path) {
    if (path.starts_with(kSample)) return context.read_sample(path.substr(kSample.size()));
    return hsa::read_file(path);
}

// Whether a source that is open holds words, told as the loader tells it.
bool is_words(const ChangeContext& context, const hsa::Source& source) {
    return kind_of(source.path, source.as, bytes_of(context, source.path)) == Opens::words;
}

void start_on_new_data(Session& session) {
    Document& document = session.document;
    document.selection = {};
    document.run.clear();
    document.init.path.clear();
    if (document.init.method == hsa::InitMethod::file) document.init = {};
    document.mask = {};
    restart(session);
    document.branches.clear();
    const Desk fresh;
    session.desk.map.row_begin = session.desk.map.row_end = 0.0;
    session.desk.map.column_begin = session.desk.map.column_end = 0.0;
    session.desk.map.level.clear();
    session.desk.splats.distance = 0.0;
    session.desk.splats.pivot = fresh.splats.pivot;
    session.desk.text.scroll = 0.0;
    session.desk.tree.collapsed.clear();
    session.desk.timeline = fresh.timeline;
}

void open_data(const ChangeContext& context, const std::string& path, const std::string& as,
               Opens kind, bool alone) {
    Document& document = context.session.document;
    hsa::Source source{path, as, 0};
    for (const hsa::Source& old : document.sources)
        if (old.path == path) source.version = old.version + 1;
    std::vector<hsa::Source> kept;
    // The same kind replaces; the other kind is matched with it, unless it says that it stands
    // alone.
    if (!alone)
        for (const hsa::Source& old : document.sources)
            if (old.path != path && is_words(context, old) != (kind == Opens::words))
                kept.push_back(old);
    if (kept.empty()) context.session.desk.own_file.clear();  // another session
    kept.push_back(std::move(source));
    document.sources = std::move(kept);
    start_on_new_data(context.session);
}

void open_splats(const ChangeContext& context, const std::string& path) {
    if (context.session.document.sources.empty())
        hsa::fail("{}: splats need data to lie on: open the text or the embedding file first.",
                  path);
    context.session.document.init = {hsa::InitMethod::file, {}, path};
    context.session.document.run.clear();
    restart(context.session);
}

void open_session(Session& session, const std::string& path, const std::string& bytes) {
    session = read_session(path, bytes);
    session.desk.own_file = path;
}

void open(const ChangeContext& context, const Args& given) {
    Args args = given;
    const bool alone = !args.empty() && args.back() == "alone";
    if (alone) args.pop_back();
    expect_count("open", args, 1, 3);
    std::string as;
    if (args.size() > 1) {
        if (args.size() != 3 || args[1] != "as" ||
            std::find(kKinds.begin(), kKinds.end(), args[2]) == kKinds.end())
            hsa::fail_usage(
                "open takes PATH, and \"as\" with one of text, latin1, lines, embeddings, splats, "
                "session, run.");
        as = args[2];
    }
    const std::string& path = args[0];
    const std::string bytes = bytes_of(context, path);
    switch (kind_of(path, as, bytes)) {
        case Opens::words: open_data(context, path, as, Opens::words, alone); break;
        case Opens::vectors: open_data(context, path, as, Opens::vectors, alone); break;
        case Opens::splats: open_splats(context, path); break;
        case Opens::session: open_session(context.session, path, bytes); break;
        case Opens::run: open_run(context.session, path, bytes); break;
    }
}

nlohmann::json save_session(const QuestionContext& context, const Args& args, bool) {
    expect_count("session.save", args, 1, 1);
    const std::filesystem::path folder = std::filesystem::absolute(args[0]).parent_path();
    hsa::write_file(args[0], write_session(context.session, folder.string()),
                    hsa::Existing::replace);
    return {{"command", "session.save"}, {"version", 1}, {"mark", "exact"}, {"path", args[0]}};
}

}  // namespace

std::vector<CommandRow> file_commands() {
    CommandRow save = file_row("session.save", "PATH",
                               "saves everything that was chosen as one text file", save_session);
    save.after = [](Session& session, const Args& args) { session.desk.own_file = args[0]; };
    return {
        change_row("open", "PATH [as text|latin1|lines|embeddings|splats|session|run] [alone]",
                   "opens a file by content, then by extension; vectors and a text are matched, "
                   "\"alone\" replaces",
                   "", open),
        change_row("session.open", "PATH", "opens a saved session", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("session.open", args, 1, 1);
                       open_session(context.session, args[0], hsa::read_file(args[0]));
                   }),
        change_row("splats.open", "PATH",
                   "opens splats from .json or .splats, taken exactly as they are", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("splats.open", args, 1, 1);
                       open_splats(context, args[0]);
                   }),
        std::move(save),
    };
}

}  // namespace splatscope
