#pragma once

#include "engine/core/mailbox.h"
#include "engine/engine.h"
#include "engine/lane_backends.h"
#include "engine/look.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hsa {

// The lanes around evaluate() and look(): each a thread with its own Backend. *work* publishes
// Snapshots; *look* answers from the last one published, *apart* questions that take long. All
// calls return at once and may come from one other thread, the owner's. Errors never cross a
// thread: they arrive in the Snapshot.
class Engine {
  public:
    struct Options {
        BackendChoice backend;
        // False: where that cannot be had, auto is tried, and backend_state() says so.
        bool backend_must = true;
        std::vector<BackendEntry> offered;  // backends that the engine does not link, tried first
        SampleReader read_sample;
        std::function<void()> on_news;  // called on a lane's thread when there is something to take
    };
    // Throws Error when the named backend cannot be made.
    explicit Engine(Options options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Replaces the request before it; running work stops only when one of its inputs changed.
    void request(Request request);
    // Replaces a look request that has not started, and stops one whose preview is of another
    // moment of a gesture.
    void look(LookRequest request);
    using Question = std::function<void(Backend&, const Work&)>;
    // A question: runs on the look lane, in order, never dropped, at most cancelled: its Work then
    // throws.
    void ask(Question question);
    // The same of one that takes long: on the lane of such, so that others and the screen need not
    // wait for it.
    void ask_apart(Question question);

    // The newest published since the last call, or null.
    [[nodiscard]] std::shared_ptr<const Snapshot> take_snapshot();
    [[nodiscard]] std::shared_ptr<const LookResult> take_look();
    [[nodiscard]] Progress progress() const;
    // Which of its Request::entries is an edit that could not be done, where that is the error of
    // the snapshot that answers it.
    [[nodiscard]] std::optional<std::size_t> failed_edit(std::uint64_t request_id) const;
    // Waits until a lane has something new to take (or a short while has passed).
    void wait_news();
    // Stops what runs on the work lane and the questions that are being answered; finished cycles
    // stay. The snapshot that follows is complete for what is there.
    void cancel();
    // Stops what runs on the work lane alone.
    void cancel_work();

    [[nodiscard]] const std::vector<std::string>& notes() const { return backends_.notes(); }
    // What computes since the choice of a request was taken up, and whether it could be.
    [[nodiscard]] BackendState backend_state() const { return backends_.state(); }

  private:
    void work_lane(const std::stop_token& stop);
    void look_lane(const std::stop_token& stop);
    void apart_lane(const std::stop_token& stop);
    void answer(const Question& question, std::size_t seat, std::stop_source& asked,
                const std::stop_token& lane);
    void run_request(const Request& request, Backend& backend);
    void tell_news();

    Options options_;
    LaneBackends backends_;
    StageCache cache_;

    Mailbox<Request> requests_;
    Mailbox<std::shared_ptr<const Snapshot>> snapshots_;
    Mailbox<std::shared_ptr<const LookResult>> looks_;

    Mailbox<LookRequest> look_requests_;
    Queue<Question> questions_;
    Queue<bool> look_wake_;
    Queue<Question> apart_;

    std::mutex news_mutex_;
    std::condition_variable news_arrived_;
    bool news_ = false;

    mutable std::mutex mutex_;  // guards the eleven below
    Progress progress_;
    std::optional<Request> running_;
    std::optional<Request> newest_;
    std::stop_source stop_running_;
    std::stop_source stop_asked_;
    std::stop_source stop_apart_;
    std::optional<PreviewWanted> previewing_;  // that the look lane works on
    std::stop_source stop_preview_;
    std::size_t answering_ = 0;                                         // questions
    std::optional<std::pair<std::uint64_t, std::size_t>> failed_edit_;  // id of the request, entry
    std::uint64_t cancelled_ = 0;                                       // requests up to this one
    std::atomic<Stage> stage_{Stage::done};

    std::jthread work_thread_;
    std::jthread look_thread_;
    std::jthread apart_thread_;
};

}  // namespace hsa
