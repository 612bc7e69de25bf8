#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
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
// only when one of these changed, so that a file that was merely touched is not told. A file that
// is away for a moment, as editors replace it, is waited for. Folders count with all that is in
// them.
class FileWatch {
  public:
    FileWatch() = default;
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    // These are open: the stamps of those that are new here are what later ones are held against.
    // Files are read after they are named here, so a change while they are read is told, too.
    void know(const std::vector<std::string>& paths);
    // What is on the disk now is what is read next.
    void know_anew(const std::string& path) { stamps_.erase(path); }
    // Looks at these from now on, which are known; those that it looked at already keep what is
    // seen of them. None: no thread runs. `on_news` is called on the thread when there is
    // something to take.
    void follow(const std::vector<std::string>& paths, std::function<void()> on_news);
    // Those that changed since the last call.
    [[nodiscard]] std::vector<std::string> take();

  private:
    void run(const std::stop_token& stop);

    using Stamps = std::map<std::string, FileStamp>;

    Stamps stamps_;
    Stamps followed_;
    std::vector<std::string> changed_;
    std::function<void()> on_news_;
    mutable std::mutex mutex_;  // guards the three above
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace splatscope
