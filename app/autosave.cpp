#include "app/autosave.h"

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

constexpr double kSeconds = 10.0;  // between two times
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

}  // namespace

Autosave::Autosave(std::string folder)
    : folder_(std::move(folder)),
      path_(fmt::format("{}/{}{}{}", folder_, kName, ::getpid(), kEnding)) {}

Autosave::~Autosave() {
    (void)finish();
    std::error_code fault;
    fs::remove(path_, fault);
}

std::string Autosave::look_at(const Session& session, double now) {
    if (session.document.sources.empty() || now - last_ < kSeconds || session == saved_) return {};
    last_ = now;
    std::string fault = finish();
    start(session);
    return fault;
}

void Autosave::write_now(const Session& session) {
    (void)finish();
    start(session);
    if (const std::string fault = finish(); !fault.empty()) hsa::fail("{}", fault);
}

void Autosave::start(const Session& session) {
    saved_ = session;
    std::string text = write_session(session, folder_);
    if (!session.desk.own_file.empty())
        text +=
            fmt::format("{}{}\n", kOwnFileComment, fs::absolute(session.desk.own_file).string());
    writing_ = std::async(
        std::launch::async,
        [path = path_, folder = folder_, text = std::move(text)]() -> std::string {
            try {
                std::error_code fault;
                fs::create_directories(folder, fault);
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
