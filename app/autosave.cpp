#include "app/autosave.h"

#include "app/run_file.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "engine/io/file.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 10.0;     // between two times
constexpr double kRunSeconds = 60.0;  // between two .run of cycles that are still being computed
constexpr std::string_view kName = "autosave-";
constexpr std::string_view kEnding = ".session";

bool is_alive(long process) {
    return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

// The process that a file of that name belongs to, or 0.
long process_of(const std::string& name) {
    if (!name.starts_with(kName) || !name.ends_with(kEnding)) return 0;
    const std::string_view digits =
        std::string_view(name).substr(kName.size(), name.size() - kName.size() - kEnding.size());
    long process = 0;
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), process);
    return fault == std::errc() && end == digits.data() + digits.size() ? process : 0;
}

// Whether what the cycles of one start from is what those of the other do.
bool has_same_beginning(const Session& a, const Session& b) {
    const Document& x = a.document;
    const Document& y = b.document;
    return x.sources == y.sources && x.embed == y.embed && x.coordinates == y.coordinates &&
           x.init == y.init && x.splats == y.splats && x.timeline.first == y.timeline.first;
}

}  // namespace

Autosave::Autosave(std::string folder)
    : folder_(std::move(folder)), path_(fmt::format("{}/{}{}", folder_, kName, ::getpid())) {}

Autosave::~Autosave() {
    (void)finish();
    std::error_code fault;
    fs::remove(path_ + std::string(kEnding), fault);
    fs::remove(path_ + ".run", fault);
}

std::string Autosave::look_at(const Session& session, const SnapshotPointer& snapshot, double now) {
    const bool has_new_cycles =
        snapshot && has_cycles_to_store(*snapshot) && snapshot->history != kept_;
    const bool run_is_due =
        has_new_cycles && (snapshot->complete || now - last_run_ >= kRunSeconds);
    if (session.document.sources.empty() || now - last_ < kSeconds ||
        (session == saved_ && !run_is_due))
        return {};
    std::string fault = finish();
    start(session, run_is_due ? snapshot : nullptr, now);
    return fault;
}

void Autosave::write_now(const Session& session, const SnapshotPointer& snapshot) {
    (void)finish();
    const bool has_cycles = snapshot && has_cycles_to_store(*snapshot);
    start(session, has_cycles ? snapshot : nullptr, last_);
    if (const std::string fault = finish(); !fault.empty()) hsa::fail("{}", fault);
}

// `snapshot` has cycles to write; without one the session names the .run that is there already if
// it began the same way.
void Autosave::start(const Session& session, const SnapshotPointer& snapshot, double now) {
    last_ = now;
    saved_ = session;
    std::string run_path = path_ + ".run";
    std::optional<hsa::RunFile> run;
    std::string text;
    if (snapshot) {
        run = make_run(session, *snapshot);
        kept_ = snapshot->history;
        kept_session_ = with_run(session, *snapshot, run_path);
        last_run_ = now;
        text = write_session(kept_session_, folder_);
    } else if (kept_ && has_same_beginning(session, kept_session_)) {
        Session named = session;
        named.document.run = run_path;
        named.document.run_timeline = kept_session_.document.run_timeline;
        named.document.data_hash = kept_session_.document.data_hash;
        text = write_session(named, folder_);
    } else {
        text = write_session(session, folder_);
    }
    if (!session.desk.own_file.empty())
        text +=
            fmt::format("{}{}\n", kOwnFileComment, fs::absolute(session.desk.own_file).string());
    writing_ = std::async(
        std::launch::async,
        [path = path_ + std::string(kEnding), run_path = std::move(run_path), folder = folder_,
         run = std::move(run), text = std::move(text)]() -> std::string {
            try {
                std::error_code fault;
                fs::create_directories(folder, fault);
                if (run) hsa::write_file(run_path, hsa::write_run(*run), hsa::Existing::replace);
                hsa::write_file(path, text, hsa::Existing::replace);
                return {};
            } catch (const hsa::Error& error) {
                return std::string("The session is not saved by itself: ") + error.what();
            }
        });
}

std::string Autosave::finish() { return writing_.valid() ? writing_.get() : std::string(); }

std::optional<LostSession> Autosave::find_lost(const std::string& folder) {
    std::optional<LostSession> newest;
    fs::file_time_type newest_time{};
    std::error_code fault;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, fault)) {
        const long process = process_of(entry.path().filename().string());
        if (process == 0 || is_alive(process)) continue;
        const fs::file_time_type time = entry.last_write_time(fault);
        if (newest && time <= newest_time) continue;
        try {
            newest = read_lost_session(entry.path().string());
            newest_time = time;
        } catch (const hsa::Error&) {
            // What cannot be read cannot be recovered.
        }
    }
    return newest;
}

}  // namespace splatscope
