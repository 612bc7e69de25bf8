#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace splatscope {

// What tells that somebody wrote to a file; of a folder of all that is in it.
struct FileStamp {
    bool there = false;
    std::uint64_t files = 0, bytes = 0, inodes = 0;
    std::int64_t newest = 0;  // nanoseconds
    bool operator==(const FileStamp&) const = default;
};

// Says which files on the disk have another content than before, once nobody writes to them any
// more. A thread of its own looks at time, size and inode a few times a second and at the bytes
// only when one of these changed, so that a file that was merely touched while it was looked at is
// not told. A file that
// is away for a moment, as editors replace it, is waited for. Folders count with all that is in
// them.
class FileWatch {
  public:
    FileWatch() = default;
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    // This is read from now on, as version `version` of it: what is on the disk then is what later
    // is held against. Said before it is read, so that a change meanwhile is told, too. Of a folder
    // nothing is kept: to walk it takes too long for the window's thread.
    void know(const std::string& path, std::uint64_t version);
    // What is on the disk now is what is read next.
    void know_anew(const std::string& path) { known_.erase(path); }
    // Looks at these from now on, which are known; those that it looked at already keep what is
    // seen of them. None: no thread runs. `on_news` is called on the thread when there is
    // something to take.
    void follow(const std::vector<std::string>& paths, std::function<void()> on_news);
    // Those that changed since the last call.
    [[nodiscard]] std::vector<std::string> take();

  private:
    void run(const std::stop_token& stop);

    struct Known {
        std::uint64_t version = 0;
        std::optional<FileStamp> stamp;  // none of a folder
        bool operator==(const Known&) const = default;
    };
    using Files = std::map<std::string, Known>;

    Files known_;
    Files followed_;
    std::vector<std::string> changed_;
    std::function<void()> on_news_;
    mutable std::mutex mutex_;  // guards the three above
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace splatscope
