#pragma once

#include "app/lost_session.h"
#include "app/session.h"

#include <future>
#include <optional>
#include <string>

namespace splatscope {

// Saves the session by itself, as `autosave-<process>.session` in a folder, so that a crash loses
// at most some seconds. A file whose process lives no more is a lost session.
class Autosave {
  public:
    explicit Autosave(std::string folder);
    // Removes the file: the program ends as it should.
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    // Writes when the session changed and enough time has passed since the last time; `now` in
    // seconds of any clock. The disk is written to on a thread of its own. Returns what went wrong
    // with the writing before, or an empty text.
    std::string look_at(const Session& session, double now);
    // Writes at once and waits.
    void write_now(const Session& session);

    // The newest one; none while every process that saved lives.
    [[nodiscard]] static std::optional<LostSession> find_lost(const std::string& folder);

  private:
    void start(const Session& session);
    [[nodiscard]] std::string finish();

    std::string folder_;
    std::string path_;
    Session saved_;
    double last_ = 0.0;
    std::future<std::string> writing_;
};

}  // namespace splatscope
