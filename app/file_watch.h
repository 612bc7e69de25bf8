#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace splatscope {

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

    // These from now on; those that it looked at already keep what is known of them. None: no
    // thread runs. `on_news` is called on the thread when there is something to take.
    void follow(std::vector<std::string> paths, std::function<void()> on_news);
    // Those that changed since the last call.
    [[nodiscard]] std::vector<std::string> take();

  private:
    void run(const std::stop_token& stop);

    std::vector<std::string> paths_;
    std::vector<std::string> changed_;
    std::function<void()> on_news_;
    mutable std::mutex mutex_;  // guards the three above
    std::condition_variable_any wake_;
    std::jthread thread_;
};

}  // namespace splatscope
