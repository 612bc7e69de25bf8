#include "app/file_watch.h"

#include "engine/core/hash_stream.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

namespace splatscope {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kEvery{200};  // between two looks
constexpr std::chrono::milliseconds kQuiet{300};  // without a change, after which a file is whole

void add_file(const std::string& path, FileStamp& stamp) {
    struct ::stat now {};
    if (::stat(path.c_str(), &now) != 0) return;
    stamp.there = true;
    ++stamp.files;
    stamp.bytes += static_cast<std::uint64_t>(now.st_size);
    stamp.inodes += static_cast<std::uint64_t>(now.st_ino);
    const std::int64_t time = static_cast<std::int64_t>(now.st_mtim.tv_sec) * 1000000000 +
                              static_cast<std::int64_t>(now.st_mtim.tv_nsec);
    stamp.newest = std::max(stamp.newest, time);
}

FileStamp stamp_of(const std::string& path) {
    FileStamp stamp;
    add_file(path, stamp);
    std::error_code fault;
    if (stamp.there && fs::is_directory(path, fault))
        for (fs::recursive_directory_iterator entry(path, fault), end; !fault && entry != end;
             entry.increment(fault))
            add_file(entry->path().string(), stamp);
    return stamp;
}

// Of its bytes; nothing for what cannot be read, and for a folder, whose stamp has to do.
std::optional<std::uint64_t> content_of(const std::string& path, const std::stop_token& stop) {
    std::error_code fault;
    if (fs::is_directory(path, fault)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    hsa::HashStream hash;
    std::vector<char> piece(std::size_t{1} << 20U);
    while (file && !stop.stop_requested()) {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        hash.add({piece.data(), static_cast<std::size_t>(file.gcount())});
    }
    return stop.stop_requested() ? std::nullopt : std::optional(hash.value());
}

struct Watched {
    FileStamp known;                       // when it was read or last told
    std::optional<std::uint64_t> content;  // then
    FileStamp seen;
    Clock::time_point since;  // when `seen` was seen first
};

// True when it has another content than before and is at rest.
bool has_changed(const std::string& path, const std::stop_token& stop, Watched& watched) {
    const FileStamp now = stamp_of(path);
    if (!now.there) return false;  // away for a moment
    if (now != watched.seen) {
        watched.seen = now;
        watched.since = Clock::now();
        return false;
    }
    if (now == watched.known || Clock::now() - watched.since < kQuiet) return false;
    const std::optional<std::uint64_t> content = content_of(path, stop);
    if (stop.stop_requested() || stamp_of(path) != now) return false;  // it was written meanwhile
    watched.known = now;
    const bool same = content && watched.content && *content == *watched.content;
    watched.content = content;
    return !same;
}

}  // namespace

FileWatch::~FileWatch() {
    thread_.request_stop();
    wake_.notify_all();
}

void FileWatch::know(const std::string& path, std::uint64_t version) {
    const auto found = known_.find(path);
    if (found != known_.end() && found->second.version == version &&
        !(found->second.stamp && !found->second.stamp->there))
        return;
    std::error_code fault;
    Known& known = known_[path];
    known.version = version;
    known.stamp.reset();
    if (!fs::is_directory(path, fault)) known.stamp = stamp_of(path);
}

void FileWatch::follow(const std::vector<std::string>& paths, std::function<void()> on_news) {
    Files followed;
    for (const std::string& path : paths)
        if (const auto known = known_.find(path); known != known_.end()) followed.insert(*known);
    {
        const std::lock_guard lock(mutex_);
        if (followed == followed_) return;
        followed_ = std::move(followed);
        on_news_ = std::move(on_news);
        if (!followed_.empty() && thread_.joinable()) {
            wake_.notify_all();
            return;
        }
    }
    if (thread_.joinable()) {
        thread_.request_stop();
        wake_.notify_all();
        thread_.join();
    }
    if (!followed_.empty())
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

std::vector<std::string> FileWatch::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(changed_, {});
}

void FileWatch::run(const std::stop_token& stop) {
    std::map<std::string, Watched> watched;
    while (!stop.stop_requested()) {
        Files followed;
        std::function<void()> on_news;
        {
            const std::lock_guard lock(mutex_);
            followed = followed_;
            on_news = on_news_;
        }
        std::erase_if(watched, [&](const auto& entry) { return !followed.contains(entry.first); });
        std::vector<std::string> changed;
        for (const auto& [path, known] : followed) {
            const auto [place, is_new] = watched.try_emplace(path);
            if (is_new) {
                // Who wrote since it was read left bytes that are not those that were read.
                const std::optional<std::uint64_t> content = content_of(path, stop);
                const FileStamp now = stamp_of(path);
                const FileStamp then = known.stamp.value_or(now);
                place->second = {then, now == then ? content : std::nullopt, now, Clock::now()};
            } else if (has_changed(path, stop, place->second)) {
                changed.push_back(path);
            }
        }
        if (!changed.empty()) {
            const std::lock_guard lock(mutex_);
            changed_.insert(changed_.end(), changed.begin(), changed.end());
        }
        if (!changed.empty() && on_news) on_news();
        std::unique_lock lock(mutex_);
        (void)wake_.wait_for(lock, stop, kEvery, [&] { return followed_ != followed; });
    }
}

}  // namespace splatscope
