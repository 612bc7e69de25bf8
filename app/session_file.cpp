#include "app/session_file.h"

#include "app/commands/axes_lines.h"
#include "app/commands/kept_cameras.h"
#include "app/commands/table.h"
#include "app/history_lines.h"
#include "app/run_file.h"
#include "app/samples.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/run.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace splatscope {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFirstLine = "# splatscope-session ";

bool is_file(const std::string& path) { return !path.starts_with("sample:") && path != "-"; }

std::string relative_to(const std::string& path, const std::string& folder) {
    if (!is_file(path)) return path;
    std::error_code fault;
    const fs::path relative = fs::relative(fs::absolute(path), folder, fault);
    return fault || relative.empty() ? path : relative.string();
}

std::string resolved(const std::string& path, const fs::path& folder) {
    if (!is_file(path) || fs::path(path).is_absolute()) return path;
    return (folder / path).lexically_normal().string();
}

void add_timeline(const Timeline& timeline, const std::string& folder,
                  std::vector<std::string>& lines) {
    hsa::CycleSettings first = timeline.first;
    if (!first.target.path.empty()) first.target.path = relative_to(first.target.path, folder);
    for (const std::string& setting : write_cycle_settings(first))
        lines.push_back("history.first " + setting);
    for (const hsa::HistoryEntry& entry : timeline.entries)
        lines.push_back(
            fmt::format("history.entry {} {}", entry.cycle, quote_word(write_entry(entry))));
    if (timeline.last > 0)
        lines.push_back(fmt::format("history.cycles {} {}", timeline.last, timeline.cursor));
}

void add_marks(const Timeline& timeline, std::vector<std::string>& lines) {
    for (const auto& [cycle, text] : timeline.marks)
        lines.push_back(fmt::format("timeline.mark {} {}", cycle, quote_word(text)));
}

// Whether a run brings the timeline but for its marks, which it does not hold.
bool is_of_run(const Document& document) {
    if (document.run.empty()) return false;
    Timeline timeline = document.timeline;
    timeline.marks = document.run_timeline.marks;
    return timeline == document.run_timeline;
}

std::string init_line(const hsa::InitSettings& init) {
    static const std::vector<std::string> methods = {"levels", "kmeans", "pca", "random", "distil"};
    std::string line = "splats.init " + methods.at(static_cast<std::size_t>(init.method));
    for (const std::size_t count : init.counts) line += fmt::format(" {}", count);
    return line;
}

std::string warm_up_line(const hsa::InitSettings& init, const std::string& folder) {
    std::string line = fmt::format("splats.warm_up {}", init.warm_up_cycles);
    for (const std::string& file : init.warm_up)
        line += " " + quote_word(relative_to(file, folder));
    return line;
}

// Whether a word of a command names a file: the first, and of a warm-up all but the cycles.
bool names_path(const std::vector<std::string>& words, std::size_t index) {
    const std::string& command = words[0];
    if (command == "history.first") return index == 2 && words[1] == "target.path";
    if (command == "compare.set") return index == 2 && words[1] == "file";
    if (command == "splats.warm_up")
        return index > 1 || words[1].find_first_not_of("0123456789") != std::string::npos;
    return index == 1 && (command == "open" || command == "splats.open" || command == "run.open" ||
                          command == "compare.open");
}

std::string compare_line(const Compare& compare, const std::string& folder) {
    switch (compare.kind) {
        case CompareKind::file:
            return "compare.set file " + quote_word(relative_to(compare.argument, folder)) +
                   (compare.data_hash == 0
                        ? ""
                        : fmt::format("\ncompare.data {:016x}", compare.data_hash));
        case CompareKind::cycle: return "compare.set cycle " + compare.argument;
        case CompareKind::branch: return "compare.set branch " + compare.argument;
        case CompareKind::target: return "compare.set target";
        case CompareKind::head: return "compare.set head " + compare.argument;
        case CompareKind::none: break;
    }
    return {};
}

// As select.restore and select.kept take it, a blank before each word.
std::string selection_words(const hsa::Selection& selection) {
    std::string line;
    for (const hsa::Range& range : selection.tokens)
        line += fmt::format(" token {}:{}", range.begin, range.end);
    for (const hsa::SplatId id : selection.splats) line += fmt::format(" splat {}", id);
    if (selection.block)
        line += fmt::format(" block {}:{} {}:{}", selection.block->rows.begin,
                            selection.block->rows.end, selection.block->columns.begin,
                            selection.block->columns.end);
    if (selection.event) line += fmt::format(" event {}", *selection.event);
    return line;
}

}  // namespace

std::string write_session(const Session& session, const std::string& folder) {
    const Document& document = session.document;
    std::vector<std::string> lines;
    for (const hsa::Source& source : document.sources)
        lines.push_back("open " + quote_word(relative_to(source.path, folder)) +
                        (source.as.empty() ? "" : " as " + quote_word(source.as)));
    if (document.data_hash != 0)
        lines.push_back(fmt::format("history.data {:016x}", document.data_hash));
    for (const std::string& line : setting_lines(session)) {
        const bool of_cycles = line.starts_with("set adapt.") || line.starts_with("set \"adapt.") ||
                               line.starts_with("set target.") ||
                               line.starts_with("set attention.temperature ") ||
                               line.starts_with("set attention.causal ");
        const bool of_machine = line.starts_with("set compute.backend ");
        if (!of_cycles && !of_machine) lines.push_back(line);
    }
    if (document.init.method == hsa::InitMethod::file)
        lines.push_back("splats.open " + quote_word(relative_to(document.init.path, folder)));
    else if (document.init.method != hsa::InitMethod::levels || !document.init.counts.empty())
        lines.push_back(init_line(document.init));
    // The cycle 0 of a run has been warmed up.
    if (!document.init.warm_up.empty() && document.run.empty())
        lines.push_back(warm_up_line(document.init, folder));
    for (const Timeline& branch : document.branches) {
        add_timeline(branch, folder, lines);
        add_marks(branch, lines);
        lines.emplace_back("history.branch");
    }
    if (!document.run.empty())
        lines.push_back("run.open " + quote_word(relative_to(document.run, folder)));
    if (!is_of_run(document)) {
        if (!document.run.empty()) lines.emplace_back("history.clear");
        add_timeline(document.timeline, folder, lines);
    }
    add_marks(document.timeline, lines);
    if (const std::string line = compare_line(document.compare, folder); !line.empty())
        lines.push_back(line);
    for (const auto& [splat, name] : document.names)
        lines.push_back(fmt::format("history.name {} {}", splat, quote_word(name)));
    for (const auto& [name, selection] : document.kept)
        lines.push_back("select.kept " + quote_word(name) + selection_words(selection));
    for (const KeptCamera& one : session.desk.splats.cameras)
        lines.push_back("camera.kept " + quote_word(one.name) + " " + camera_words(one.pose));
    if (const auto& way = session.desk.splats.way)
        lines.push_back(fmt::format("camera.way {} {}", way->share, camera_words(way->to)));
    for (const auto& [name, axes] : document.kept_axes)
        lines.push_back("axes.kept " + quote_word(name) + " " + axes_words(axes));
    if (!(document.axes == hsa::AxesChoice{}))
        lines.push_back("axes.restore " + axes_words(document.axes));
    if (!document.selection.empty())
        lines.push_back("select.restore" + selection_words(document.selection));
    if (!session.desk.layout.empty()) {
        std::string one_line;
        for (const char c : session.desk.layout)
            one_line += c == '\n' ? std::string("\\n") : std::string(1, c);
        lines.push_back("view.layout " + quote_word(one_line));
    }
    std::string text = fmt::format("{}{}\n", kFirstLine, kSessionVersion);
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::string told_session(Session session) {
    for (hsa::Source& source : session.document.sources)
        source.path = source.path.starts_with("sample:")
                          ? source.path
                          : fs::path(source.path).filename().string();
    session.document.run = fs::path(session.document.run).filename().string();
    session.document.init.path = fs::path(session.document.init.path).filename().string();
    for (std::string& file : session.document.init.warm_up)
        if (!file.starts_with("sample:")) file = fs::path(file).filename().string();
    for (hsa::TargetSettings* target :
         {&session.document.target, &session.document.timeline.first.target})
        target->path = fs::path(target->path).filename().string();
    Compare& compare = session.document.compare;
    if (compare.kind == CompareKind::file)
        compare.argument = fs::path(compare.argument).filename().string();
    session.desk.layout.clear();
    return write_session(session, fs::current_path().string());
}

bool has_cycles_to_store(const hsa::Snapshot& snapshot) {
    return snapshot.history && hsa::last_whole(*snapshot.history) > 0;
}

Session with_run(Session session, const hsa::Snapshot& snapshot, const std::string& run) {
    Document& document = session.document;
    if (snapshot.dataset) document.data_hash = snapshot.dataset->hash;
    if (!has_cycles_to_store(snapshot)) return session;
    // A run of cycles that is still going on has stored those it finished.
    const std::int32_t stored = hsa::last_whole(*snapshot.history);
    document.run = run;
    document.run_timeline = document.timeline;
    document.run_timeline.last = std::min(document.timeline.last, stored);
    document.run_timeline.cursor = document.run_timeline.last;
    std::erase_if(document.run_timeline.entries,
                  [stored](const hsa::HistoryEntry& entry) { return entry.cycle > stored; });
    return session;
}

void save_session(const Session& session, const hsa::Snapshot& snapshot, const std::string& path,
                  const hsa::Snapshot* second) {
    const fs::path file = fs::absolute(path);
    const std::string run = fs::path(file).replace_extension(".run").string();
    Session saved = with_run(session, snapshot, run);
    if (second != nullptr && second->dataset && saved.document.compare.kind == CompareKind::file)
        saved.document.compare.data_hash = second->dataset->hash;
    if (has_cycles_to_store(snapshot))
        hsa::write_file(run, hsa::write_run(make_run(session, snapshot)), hsa::Existing::replace);
    hsa::write_file(path, write_session(saved, file.parent_path().string()),
                    hsa::Existing::replace);
}

Session read_session(const std::string& path, std::string_view bytes) {
    if (!bytes.starts_with(kFirstLine))
        hsa::fail("{} is no session: its first line must be \"{}{}\".", path, kFirstLine,
                  kSessionVersion);
    const std::string_view version =
        bytes.substr(kFirstLine.size(), bytes.find('\n') - kFirstLine.size());
    if (parse_integer("the version of a session", version) > kSessionVersion)
        hsa::fail(
            "{} was written by a later version ({}); this one reads version {}: use the newer "
            "program.",
            path, version, kSessionVersion);
    const fs::path folder = fs::absolute(path).parent_path();
    Session session;
    session.document.timeline.first = cycle_settings(session);
    const hsa::Snapshot nothing;
    std::size_t number = 0;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string line(bytes.substr(0, end));
        bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
        ++number;
        std::vector<std::string> words;
        try {
            words = split_words(line);
            if (words.empty()) continue;
            const CommandRow& row = find_command(words[0]);
            if (row.kind != CommandKind::change || row.needs_data)
                hsa::fail_usage("{} has no place in a session file", words[0]);
            Args args(words.begin() + 1, words.end());
            for (std::size_t a = 0; a < args.size(); ++a)
                if (names_path(words, a + 1)) args[a] = resolved(args[a], folder);
            const hsa::TargetSettings target = session.document.target;
            row.change({session, nothing, read_sample}, args);
            if (words[0] == "open" && session.document.target != target) {
                // What opening chose has a line of its own, unless it was put off again.
                session.document.target = target;
                session.document.timeline.first = cycle_settings(session);
            }
        } catch (const hsa::Error& error) {
            throw hsa::Error(error.kind(),
                             fmt::format("{}, line {}: {}", path, number, error.what()));
        }
    }
    return session;
}

}  // namespace splatscope
