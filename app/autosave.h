#pragma once

#include "app/lost_session.h"
#include "app/session.h"
#include "engine/snapshot.h"

#include <future>
#include <memory>
#include <optional>
#include <string>

namespace splatscope {

// Saves the session by itself, as `autosave-<process>.session` and .run in a folder, so that a
// crash loses at most some seconds of choices and about a minute of cycles, which are then computed
// again. A file whose process lives no more is a lost session.
class Autosave {
  public:
    using SnapshotPointer = std::shared_ptr<const hsa::Snapshot>;
    explicit Autosave(std::string folder);
    // Removes the file: the program ends as it should.
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    // Writes when the session or its history changed and enough time has passed since the last
    // time; `now` in seconds of any clock. `snapshot` answers the session, perhaps in part; null
    // when none does: then cycles are computed again after a crash. Bytes are made and written on a
    // thread of its own. Returns what went wrong with the writing before, or an empty text.
    std::string look_at(const Session& session, const SnapshotPointer& snapshot, double now);
    // Writes at once and waits.
    void write_now(const Session& session, const SnapshotPointer& snapshot);

    // The newest one; none while every process that saved lives.
    [[nodiscard]] static std::optional<LostSession> find_lost(const std::string& folder);

  private:
    void start(const Session& session, const SnapshotPointer& snapshot, double now);
    [[nodiscard]] std::string finish();

    std::string folder_;
    std::string path_;  // without the ending
    Session saved_;
    // The history that lies in the .run, null when there is none; when it was written.
    std::shared_ptr<const hsa::History> kept_;
    Session kept_session_;
    double last_ = 0.0;
    double last_run_ = 0.0;
    std::future<std::string> writing_;
};

}  // namespace splatscope
