#include "app/commands/table.h"
#include "app/lost_session.h"
#include "app/run_file.h"
#include "app/session_file.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/io/animation.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"
#include "engine/io/folder.h"
#include "engine/io/npz.h"
#include "engine/io/png.h"
#include "engine/io/vector_picture.h"
#include "engine/load.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

namespace splatscope {
namespace {

constexpr std::string_view kSample = "sample:";
constexpr std::array<std::string_view, 10> kKinds = {"text",    "latin1",   "lines", "embeddings",
                                                     "tensor",  "metadata", "parse", "splats",
                                                     "session", "run"};
// These may name a part of the file behind a colon.
constexpr std::array<std::string_view, 3> kWithPart = {"text", "embeddings", "tensor"};

enum class Opens { words, vectors, metadata, parse, splats, session, run, picture };

bool is_one_of(const std::string& word, std::span<const std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Opens kind_of(const std::string& path, const std::string& given, const std::string& bytes) {
    const std::string as = hsa::open_as(given).kind;
    if (as == "text" || as == "latin1" || as == "lines") return Opens::words;
    if (as == "embeddings" || as == "tensor") return Opens::vectors;
    if (as == "metadata") return Opens::metadata;
    if (as == "parse") return Opens::parse;
    if (as == "splats") return Opens::splats;
    if (as == "session") return Opens::session;
    if (as == "run") return Opens::run;
    switch (hsa::detect(path, bytes)) {
        case hsa::FileKind::png:
        case hsa::FileKind::svg:
        case hsa::FileKind::webp:
        case hsa::FileKind::gif:
        case hsa::FileKind::pdf: return Opens::picture;
        case hsa::FileKind::text:
        case hsa::FileKind::conllu:
        case hsa::FileKind::json_texts: return Opens::words;
        case hsa::FileKind::table:
        case hsa::FileKind::word_vectors:
        case hsa::FileKind::json_vectors:
        case hsa::FileKind::safetensors:
        case hsa::FileKind::parquet:
        case hsa::FileKind::npy:
        case hsa::FileKind::npz: return Opens::vectors;
        case hsa::FileKind::splats_json:
        case hsa::FileKind::splats_binary: return Opens::splats;
        case hsa::FileKind::session: return Opens::session;
        case hsa::FileKind::run: return Opens::run;
    }
    hsa::fault("{} has a kind that nothing opens", path);
}

std::string bytes_of(const ChangeContext& context, const std::string& path) {
    if (path.starts_with(kSample)) return context.read_sample(path.substr(kSample.size()));
    return path == "-" ? context.read_sample(path) : hsa::read_file(path);
}

// What detection needs: the beginning, so that a file of any size is known at once.
Opens kind_of_file(const hsa::SampleReader& read_sample, const std::string& path,
                   const std::string& as) {
    if (as.empty() && hsa::is_folder(path)) return Opens::words;
    if (path.starts_with(kSample))
        return kind_of(path, as, read_sample(path.substr(kSample.size())));
    return kind_of(path, as,
                   path == "-" ? read_sample(path) : hsa::read_beginning(path, hsa::kDetectBytes));
}

// What a source that is open holds, told as the loader tells it.
Opens kind_of_source(const hsa::SampleReader& read_sample, const hsa::Source& source) {
    if (source.as == "metadata") return Opens::metadata;
    if (source.as == "parse") return Opens::parse;
    return kind_of_file(read_sample, source.path, source.as);
}

bool is_words(const hsa::SampleReader& read_sample, const hsa::Source& source) {
    return kind_of_source(read_sample, source) == Opens::words;
}

// A table that is named so, opened on data, says what their rows are.
bool names_metadata(const Session& session, const std::string& path, Opens kind) {
    std::string name = std::filesystem::path(path).filename().string();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return !session.document.sources.empty() && (kind == Opens::words || kind == Opens::vectors) &&
           name.find("metadata") != std::string::npos && !hsa::is_folder(path);
}

// A parse opened on other words or on vectors says what these are; else its own words are read.
bool is_parse_of_open(const ChangeContext& context, const std::string& path) {
    const std::vector<hsa::Source>& open = context.session.document.sources;
    if (open.empty() || path == "-" || hsa::is_folder(path)) return false;
    if (std::any_of(open.begin(), open.end(), [&](const hsa::Source& source) {
            return source.path == path && source.as.empty();
        }))
        return false;
    const std::string beginning = path.starts_with(kSample)
                                      ? context.read_sample(path.substr(kSample.size()))
                                      : hsa::read_beginning(path, hsa::kDetectBytes);
    return hsa::detect(path, beginning) == hsa::FileKind::conllu;
}

void start_on_new_data(Session& session) {
    Document& document = session.document;
    document.selection = {};
    document.kept.clear();
    document.axes = {};
    document.kept_axes.clear();
    document.data_hash = 0;
    document.run.clear();
    document.init.path.clear();
    if (document.init.method == hsa::InitMethod::file) document.init = {};
    document.init.warm_up.clear();
    document.init.warm_up_cycles = hsa::InitSettings{}.warm_up_cycles;
    document.mask = {};
    document.compare = {};
    restart(session);
    document.branches.clear();
    const Desk fresh;
    session.desk.map.row_begin = session.desk.map.row_end = 0.0;
    session.desk.map.column_begin = session.desk.map.column_end = 0.0;
    session.desk.map.level.clear();
    session.desk.map.splats.clear();
    session.desk.map.channels.clear();
    session.desk.map.compare = MapCompare::off;
    session.desk.map.jump = 0;
    session.desk.map.jumps_from.clear();
    session.desk.splats.distance = 0.0;
    session.desk.splats.way.reset();
    session.desk.splats.cameras.clear();
    session.desk.splats.pivot = fresh.splats.pivot;
    session.desk.text.scroll = 0.0;
    session.desk.tree.collapsed.clear();
    session.desk.timeline = fresh.timeline;
}

// A file of attention becomes the target; by its whole path, since a run is opened from anywhere.
void take_as_target(Document& document, const std::string& path) {
    document.target.source = hsa::TargetSource::file;
    document.target.path = std::filesystem::absolute(path).string();
}

// Attention in a file that is opened is what is explained, unless the file has the queries and keys
// that it is of. It goes with the file.
void follow_attention(Document& document, const std::vector<hsa::Source>& before,
                      const std::string& path, const hsa::NpzOutline& outline) {
    const auto is_target = [&](const hsa::Source& source) {
        return std::filesystem::absolute(source.path).string() == document.target.path;
    };
    const std::vector<hsa::Source>& now = document.sources;
    if (document.target.source == hsa::TargetSource::file &&
        std::any_of(before.begin(), before.end(), is_target) &&
        std::none_of(now.begin(), now.end(), is_target)) {
        document.target.source = hsa::TargetSource::scores;
        document.target.path.clear();
    }
    if (outline.attention && !outline.heads) take_as_target(document, path);
}

// A file of attention alone is explained by the data that are open.
void open_attention(Session& session, const std::string& path) {
    if (session.document.sources.empty())
        hsa::fail(
            "{}: it holds attention and no vectors: open the text or the vectors that it is of "
            "first, then this file: it is what they are to explain.",
            path);
    take_as_target(session.document, path);
    settings_changed(session);
}

void open_data(const ChangeContext& context, const std::string& path, const std::string& as,
               Opens kind, bool alone) {
    hsa::NpzOutline outline;
    if (kind == Opens::vectors) outline = hsa::outline_npz(path);
    if (outline.attention && !outline.vectors) return open_attention(context.session, path);
    Document& document = context.session.document;
    const std::vector<hsa::Source> before = document.sources;
    hsa::Source source{path, as, 0};
    for (const hsa::Source& old : document.sources)
        if (old.path == path) source.version = old.version + 1;
    std::vector<hsa::Source> kept;
    // The same kind replaces; another kind is matched with it, unless it says that it stands
    // alone. Metadata and a parse stay as long as the rows that they describe.
    bool words_kept = false;
    bool vectors_kept = false;
    const auto describes = [](Opens one) { return one == Opens::metadata || one == Opens::parse; };
    const auto stays = [&](const hsa::Source& old) {
        const Opens its = kind_of_source(context.read_sample, old);
        if (its == kind) return false;
        if (describes(kind)) return true;
        if (its == Opens::parse) return words_kept;
        if (its == Opens::metadata) return vectors_kept;
        words_kept = words_kept || its == Opens::words;
        vectors_kept = vectors_kept || its == Opens::vectors;
        return true;
    };
    if (!alone)
        for (const hsa::Source& old : document.sources)
            if (old.path != path && stays(old)) kept.push_back(old);
    if (describes(kind) && kept.empty())
        hsa::fail("{} describes rows of data: open these first.", path);
    std::stable_partition(kept.begin(), kept.end(), [](const hsa::Source& one) {
        return one.as != "metadata" && one.as != "parse";
    });
    if (kept.empty()) context.session.desk.own_file.clear();  // another session
    kept.push_back(std::move(source));
    document.sources = std::move(kept);
    follow_attention(document, before, path, outline);
    start_on_new_data(context.session);
}

void open_splats(const ChangeContext& context, const std::string& path) {
    if (context.session.document.sources.empty())
        hsa::fail("{}: splats need data to lie on: open the text or the embedding file first.",
                  path);
    hsa::InitSettings& init = context.session.document.init;  // what it is warmed up on stays
    init.method = hsa::InitMethod::file;
    init.counts.clear();
    init.path = path;
    context.session.document.run.clear();
    restart(context.session);
}

// Theme, scale and the like belong to the person and the screen unless the file names others.
void adopt(Session& session, Session opened) {
    const Desk fresh;
    if (opened.desk.theme == fresh.theme) opened.desk.theme = session.desk.theme;
    if (opened.desk.scale == fresh.scale) opened.desk.scale = session.desk.scale;
    if (opened.desk.guide == fresh.guide) opened.desk.guide = session.desk.guide;
    if (opened.desk.watch == fresh.watch) opened.desk.watch = session.desk.watch;
    if (opened.desk.picture == fresh.picture) opened.desk.picture = session.desk.picture;
    // What computes is of the machine: no session holds it.
    opened.desk.backend = session.desk.backend;
    opened.desk.backend_asked = session.desk.backend_asked;
    session = std::move(opened);
}

void open_session(Session& session, const std::string& path, const std::string& bytes) {
    adopt(session, read_session(path, bytes));
    session.desk.own_file = path;
}

// A session that was saved by itself: its own file is where the person had saved it.
void recover_session(Session& session, const std::string& path) {
    const LostSession lost = read_lost_session(path);
    adopt(session, read_session(path, hsa::read_file(path)));
    session.desk.own_file = lost.own_file;
}

// The session that a picture of ours keeps: PNG, SVG, PDF or an animation.
std::optional<std::string> told_by_picture(const std::string& path, const std::string& bytes) {
    const hsa::FileKind kind = hsa::detect(path, bytes);
    if (kind == hsa::FileKind::svg) return hsa::read_svg_text(bytes, kSessionKey);
    if (kind == hsa::FileKind::pdf) return hsa::read_pdf_text(bytes, kSessionKey);
    if (kind == hsa::FileKind::webp) return hsa::read_webp_text(bytes, kSessionKey);
    if (kind == hsa::FileKind::gif) return hsa::read_gif_text(bytes, kSessionKey);
    for (const auto& [key, text] : hsa::read_png_texts(path, bytes))
        if (key == kSessionKey) return text;
    return std::nullopt;
}

// One of our pictures tells how it was made; the names in it have no folders and are looked for
// beside it.
void open_picture(const ChangeContext& context, const std::string& path) {
    if (const auto text = told_by_picture(path, bytes_of(context, path))) {
        adopt(context.session, read_session(path, *text));
        return;
    }
    hsa::fail(
        "{} is a picture that this program did not make, so that it says nothing of how: open a "
        "text, an embedding file, splats, a session, a run, or a picture saved with F12.",
        path);
}

void open(const ChangeContext& context, const Args& given) {
    Args args = given;
    const bool alone = !args.empty() && args.back() == "alone";
    if (alone) args.pop_back();
    expect_count("open", args, 1, 3);
    std::string as;
    if (args.size() > 1) {
        const hsa::OpenAs asked = hsa::open_as(args.back());
        if (args.size() != 3 || args[1] != "as" || !is_one_of(asked.kind, kKinds) ||
            (args[2] != asked.kind && (asked.part.empty() || !is_one_of(asked.kind, kWithPart))) ||
            args[2] == "tensor")
            hsa::fail_usage(
                "open takes PATH, and \"as\" with one of text, text:FIELD, latin1, lines, "
                "embeddings, embeddings:FIELD, tensor:NAME, metadata, parse, splats, session, "
                "run.");
        as = args[2];
    }
    const std::string& path = args[0];
    Opens kind = kind_of_file(context.read_sample, path, as);
    if (as.empty() && !alone && names_metadata(context.session, path, kind)) {
        as = "metadata";
        kind = Opens::metadata;
    }
    if (as.empty() && !alone && kind == Opens::words && is_parse_of_open(context, path)) {
        as = "parse";
        kind = Opens::parse;
    }
    switch (kind) {
        case Opens::words: open_data(context, path, as, Opens::words, alone); break;
        case Opens::vectors: open_data(context, path, as, Opens::vectors, alone); break;
        case Opens::metadata:
        case Opens::parse: open_data(context, path, as, kind, false); break;
        case Opens::splats: open_splats(context, path); break;
        case Opens::session: open_session(context.session, path, bytes_of(context, path)); break;
        case Opens::run: open_run(context.session, path, bytes_of(context, path)); break;
        case Opens::picture: open_picture(context, path); break;
    }
}

nlohmann::json save(const QuestionContext& context, const Args& args, bool) {
    expect_count("session.save", args, 1, 1);
    save_session(context.session, context.snapshot, args[0],
                 context.other != nullptr ? context.other->snapshot.get() : nullptr);
    return {{"command", "session.save"}, {"version", 1}, {"mark", "exact"}, {"path", args[0]}};
}

// How many tokens a file holds beside the data that are open: what a person wants to know before
// the two are matched.
nlohmann::json match(const QuestionContext& context, const Args& args) {
    expect_count("explain.match", args, 1, 1);
    const std::vector<hsa::Source>& open = context.session.document.sources;
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    const Opens kind = kind_of_file(context.read_sample, args[0], "");
    const bool words = kind == Opens::words;
    const bool same = std::any_of(open.begin(), open.end(), [&](const hsa::Source& source) {
        return is_words(context.read_sample, source) == words;
    });
    nlohmann::json answer = {{"command", "explain.match"},
                             {"version", 1},
                             {"mark", "exact"},
                             {"path", args[0]},
                             {"kind", words                    ? "words"
                                      : kind == Opens::vectors ? "vectors"
                                                               : "other"},
                             {"same_kind", same},
                             {"open", dataset.size()}};
    if (same || (!words && kind != Opens::vectors)) return answer;
    const auto count = [&](const char* as) {
        return hsa::load_dataset({{args[0], as, 0}}, context.session.document.embed,
                                 context.read_sample, 0, context.work)
            ->size();
    };
    std::size_t tokens = count("");
    if (words && tokens != dataset.size() && count("lines") == dataset.size())
        tokens = dataset.size();
    answer["tokens"] = tokens;
    answer["agree"] = tokens == dataset.size();
    return answer;
}

}  // namespace

std::vector<CommandRow> file_commands() {
    CommandRow save_row = file_row(
        "session.save", "PATH",
        "saves everything that was chosen as one text file, the history beside it as .run", save);
    save_row.after = [](Session& session, const Args& args) { session.desk.own_file = args[0]; };
    return {
        change_row(
            "open",
            "PATH [as text[:FIELD]|latin1|lines|embeddings[:FIELD]|tensor:NAME|metadata|"
            "parse|splats|session|run] [alone]",
            "opens a file by content, then by extension, or a folder of texts; FIELD of the "
            "records of .json and .jsonl or a column of .parquet, NAME in .safetensors; "
            "vectors and a text are matched, \"alone\" replaces; metadata: columns of words "
            "and numbers for the "
            "rows of the vectors that are open (a table whose name says so by itself); parse: "
            "what a .conllu says of the words that are open (by itself; with nothing open "
            "it is their text)",
            "", open),
        change_row("session.open", "PATH", "opens a saved session", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("session.open", args, 1, 1);
                       open_session(context.session, args[0], hsa::read_file(args[0]));
                   }),
        change_row("session.recover", "PATH", "opens a session that was saved by itself", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("session.recover", args, 1, 1);
                       recover_session(context.session, args[0]);
                   }),
        change_row("splats.open", "PATH",
                   "opens splats from .json or .splats, taken exactly as they are", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("splats.open", args, 1, 1);
                       open_splats(context, args[0]);
                   }),
        std::move(save_row),
        question_row("explain.match", "PATH",
                     "how many tokens a file has beside the data that are open", match),
    };
}

}  // namespace splatscope
