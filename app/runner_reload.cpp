#include "app/runner.h"
#include "app/runner_stop.h"
#include "app/widgets/numbers.h"
#include "engine/core/error.h"
#include "engine/explain/carry.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace splatscope {
namespace {

bool is_file(const std::string& path) { return path != "-" && !path.starts_with("sample:"); }

// A file of splats, or a run, that they come from.
bool is_splat_file(const Document& document, const std::string& path) {
    return (document.init.method == hsa::InitMethod::file && document.init.path == path) ||
           document.run == path;
}

// The files that a session reads its data and splats from, of both sides.
std::vector<std::string> files_of(const Document& document) {
    std::set<std::string> paths;
    for (const hsa::Source& source : document.sources)
        if (is_file(source.path)) paths.insert(source.path);
    if (document.compare.kind == CompareKind::file && is_file(document.compare.argument))
        paths.insert(document.compare.argument);
    for (const std::string& path : {document.init.path, document.run})
        if (!path.empty() && is_file(path) && is_splat_file(document, path)) paths.insert(path);
    return {paths.begin(), paths.end()};
}

void set_version_in(Document& document, const std::string& path, std::uint64_t version) {
    for (hsa::Source& source : document.sources)
        if (source.path == path) source.version = version;
    Compare& compare = document.compare;
    if (compare.kind == CompareKind::file && compare.argument == path) compare.version = version;
}

std::uint64_t newest_version(const Document& document, const std::string& path) {
    std::uint64_t newest = 0;
    for (const hsa::Source& source : document.sources)
        if (source.path == path) newest = std::max(newest, source.version);
    const Compare& compare = document.compare;
    if (compare.kind == CompareKind::file && compare.argument == path)
        newest = std::max(newest, compare.version);
    return newest;
}

}  // namespace

// What is on the disk is the same for every older and newer value of the Document.
void Runner::set_version(const std::string& path, std::uint64_t version) {
    const auto set = [&](Document& document) { set_version_in(document, path, version); };
    set(session_.document);
    undo_.each(set);
}

// No step of undo: what was in the file before is gone.
void Runner::reload(const std::string& path) {
    std::vector<std::string> files = files_of(session_.document);
    if (files.empty())
        hsa::fail("data.reload: no file is open: samples and standard input do not change.");
    if (!path.empty()) {
        if (std::find(files.begin(), files.end(), path) == files.end())
            hsa::fail("data.reload {}: this file is not open: there is {}.", path,
                      fmt::join(files, ", "));
        files = {path};
    }
    // Only data that were there can stay while they are read again.
    if (!reload_ && complete() && snapshot_->dataset && snapshot_->error.empty())
        reload_ = Reload{requested_, {}, {}, snapshot_};
    bool splats = false;
    for (const std::string& file : files) {
        watch_.know_anew(file);
        std::uint64_t newest = newest_version(session_.document, file);
        undo_.each(
            [&](Document& document) { newest = std::max(newest, newest_version(document, file)); });
        const bool here =
            std::any_of(session_.document.sources.begin(), session_.document.sources.end(),
                        [&](const hsa::Source& source) { return source.path == file; });
        if (here && reload_)
            reload_->versions.emplace(file, newest_version(session_.document, file));
        set_version(file, newest + 1);
        // The engine knows a file of splats by its stamp: it is enough to ask again.
        if (is_splat_file(session_.document, file)) {
            splats = true;
            if (reload_) reload_->splats = file;
        }
    }
    if (reload_ && reload_->versions.empty() && reload_->splats.empty())
        reload_.reset();  // of the second side alone
    if (!request_if_needed() && splats) request_again();
}

// While files are read again, what was read before stays on screen until all of the new is there.
bool Runner::hold_back(const hsa::Snapshot& fresh) {
    if (!reload_ || snapshot_ != reload_->shown) return false;
    if (fresh.request_id != requested_.id) return true;
    const bool lacks = !fresh.dataset || (!reload_->splats.empty() && !fresh.registry);
    if (fresh.cancelled || (!fresh.error.empty() && lacks)) {
        give_up_reload(fresh);
        return true;
    }
    return !fresh.complete && fresh.error.empty();
}

void Runner::give_up_reload(const hsa::Snapshot& fresh) {
    const Reload before = *std::exchange(reload_, std::nullopt);
    for (const auto& [path, version] : before.versions) set_version(path, version);
    requested_ = before.requested;  // which `snapshot_` still answers
    notices_.push_back({"data.reload", "",
                        fmt::format("{} What was read before stays.",
                                    fresh.cancelled ? "Cancelled: data.reload." : fresh.error),
                        fresh.cancelled ? 1 : fresh.error_code});
    request_if_needed();
}

void Runner::end_reload(const hsa::Snapshot& fresh) {
    const Reload before = *std::exchange(reload_, std::nullopt);
    // That they are others is what was asked for.
    const auto known = [](Document& document) {
        document.data_hash = 0;
        document.compare.data_hash = 0;
    };
    if (!before.versions.empty()) {
        known(session_.document);
        undo_.each(known);
    }
    if (!fresh.dataset || !before.shown->dataset) return;
    if (before.versions.empty()) {
        const auto splats = [](const hsa::Snapshot& of) {
            return of.registry ? of.registry->size() : 0;
        };
        notices_.push_back(
            {"data.reload",
             fmt::format("reloaded {}: {} -> {}", before.splats, count_text(splats(*before.shown)),
                         counted(splats(fresh), "splat")),
             "", 0});
        return;
    }
    notices_.push_back({"data.reload",
                        fmt::format("reloaded: {} -> {}", count_text(before.shown->dataset->size()),
                                    counted(fresh.dataset->size(), "token")),
                        "", 0});
    carry_selection(before.shown);
}

// What was selected goes on to the same words, found out on the look lane.
void Runner::carry_selection(const std::shared_ptr<const hsa::Snapshot>& from) {
    const Document& document = session_.document;
    if (document.selection.empty() && document.kept.empty()) return;
    const auto found = std::make_shared<std::promise<Found>>();
    asked_.push_back({"data.reload",
                      &find_command("data.reload"),
                      {},
                      {},
                      found->get_future(),
                      document.sources});
    engine_->ask([found, stop = asked_.back().stop, from, to = snapshot_,
                  selection = document.selection,
                  kept = document.kept](hsa::Backend&, const hsa::Work& lane) {
        try {
            const StoppedToo both(lane, stop);
            const hsa::Carry carry(*from->dataset, *to->dataset, both.work());
            std::map<std::string, hsa::Selection> names;
            for (const auto& [name, one] : kept) names[name] = carry.of(one);
            found->set_value([selection, kept, moved = carry.of(selection),
                              names = std::move(names)](Session& session) {
                // What was picked meanwhile is of the new data already.
                if (session.document.selection == selection) session.document.selection = moved;
                if (session.document.kept == kept) session.document.kept = names;
            });
        } catch (...) {
            found->set_exception(std::current_exception());
        }
    });
}

void Runner::know_files() {
    for (const std::string& file : files_of(session_.document))
        watch_.know(file, newest_version(session_.document, file));
}

void Runner::watch_files() {
    know_files();
    const std::vector<std::string> files = files_of(session_.document);
    watch_.follow(session_.desk.watch ? files : std::vector<std::string>{}, options_.on_news);
    for (std::string& path : watch_.take()) changed_files_.insert(std::move(path));
    // What is selected is on its way to the words of the change before: that comes first.
    if (searching()) return;
    for (const std::string& path : std::exchange(changed_files_, {}))
        if (std::find(files.begin(), files.end(), path) != files.end()) reload(path);
}

}  // namespace splatscope
