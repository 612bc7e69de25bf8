#include "engine/lanes.h"

#include "engine/core/error.h"
#include "engine/edit_failed.h"

#include <chrono>
#include <exception>
#include <utility>

namespace hsa {
namespace {

// Whose backend: the places in LaneBackends.
constexpr std::size_t kWork = 0;
constexpr std::size_t kLook = 1;
constexpr std::size_t kApart = 2;

// Progress is told to who waits for it no more often than a window can show it; belongs to one
// piece of work and is asked under the lane's lock.
class Pace {
  public:
    [[nodiscard]] bool is_due() {
        constexpr std::chrono::milliseconds kBetween{30};
        const auto now = std::chrono::steady_clock::now();
        if (now - told_ < kBetween) return false;
        told_ = now;
        return true;
    }

  private:
    std::chrono::steady_clock::time_point told_;
};

}  // namespace

Engine::Engine(Options options)
    : options_(std::move(options)),
      backends_(options_.backend, options_.offered, options_.backend_must) {
    work_thread_ = std::jthread([this](const std::stop_token& stop) { work_lane(stop); });
    look_thread_ = std::jthread([this](const std::stop_token& stop) { look_lane(stop); });
    apart_thread_ = std::jthread([this](const std::stop_token& stop) { apart_lane(stop); });
}

Engine::~Engine() {
    work_thread_.request_stop();
    look_thread_.request_stop();
    apart_thread_.request_stop();
    {
        const std::lock_guard lock(mutex_);
        stop_preview_.request_stop();
    }
    cancel();
}

void Engine::request(Request request) {
    {
        const std::lock_guard lock(mutex_);
        if (running_ && first_difference(*running_, request) <= stage_)
            stop_running_.request_stop();
        newest_ = request;
    }
    backends_.want(request.backend);
    requests_.put(std::move(request));
}

void Engine::cancel_work() {
    const std::lock_guard lock(mutex_);
    if (newest_) cancelled_ = newest_->id;  // it may still lie in its mailbox
    stop_running_.request_stop();
}

void Engine::cancel() {
    cancel_work();
    const std::lock_guard lock(mutex_);
    stop_asked_.request_stop();
    stop_apart_.request_stop();
}

void Engine::tell_news() {
    {
        const std::lock_guard lock(news_mutex_);
        news_ = true;
    }
    news_arrived_.notify_all();
    if (options_.on_news) options_.on_news();
}

void Engine::wait_news() {
    constexpr std::chrono::milliseconds kLongest{100};
    std::unique_lock lock(news_mutex_);
    news_arrived_.wait_for(lock, kLongest, [this] { return news_; });
    news_ = false;
}

void Engine::look(LookRequest request) {
    {
        const std::lock_guard lock(mutex_);
        if (previewing_ && previewing_ != request.wanted.preview) stop_preview_.request_stop();
        look_requests_.put(std::move(request));
    }
    look_wake_.put(true);
}

void Engine::ask(Question question) {
    questions_.put(std::move(question));
    look_wake_.put(true);
}

void Engine::ask_apart(Question question) { apart_.put(std::move(question)); }

std::shared_ptr<const Snapshot> Engine::take_snapshot() {
    return snapshots_.take().value_or(nullptr);
}

std::shared_ptr<const LookResult> Engine::take_look() { return looks_.take().value_or(nullptr); }

Progress Engine::progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
}

std::optional<std::size_t> Engine::failed_edit(std::uint64_t request_id) const {
    const std::lock_guard lock(mutex_);
    if (!failed_edit_ || failed_edit_->first != request_id) return std::nullopt;
    return failed_edit_->second;
}

void Engine::work_lane(const std::stop_token& stop) {
    while (std::optional<Request> request = requests_.wait(stop)) {
        {
            const std::lock_guard lock(mutex_);
            running_ = *request;
            stop_running_ = std::stop_source();
            if (stop.stop_requested() || request->id <= cancelled_) stop_running_.request_stop();
            stage_ = Stage::load;
        }
        run_request(*request, backends_.of(kWork));
        backends_.hear(kWork);
        {
            const std::lock_guard lock(mutex_);
            running_.reset();
            progress_ = {};
        }
        tell_news();
    }
}

void Engine::run_request(const Request& request, Backend& backend) {
    std::stop_token stop;
    {
        const std::lock_guard lock(mutex_);
        stop = stop_running_.get_token();
    }
    std::shared_ptr<const Snapshot> last;
    const auto publish = [&](std::shared_ptr<const Snapshot> snapshot) {
        last = snapshot;
        backends_.hear(kWork);  // first: whoever takes it knows who went on
        snapshots_.put(std::move(snapshot));
        tell_news();
    };
    Work work;
    work.stop = stop;
    Pace pace;
    work.on_progress = [this, &pace](std::string_view step, double fraction) {
        const std::lock_guard lock(mutex_);
        progress_ = {std::string(step), fraction};
        if (pace.is_due()) tell_news();
    };
    EvaluateHooks hooks;
    hooks.read_sample = options_.read_sample;
    hooks.publish = publish;
    hooks.entering = [&](Stage stage) {
        const std::lock_guard lock(mutex_);
        stage_ = stage;
        // A newer request that differs up to here makes the rest of this one pointless.
        if (newest_ && newest_->id != request.id && first_difference(*newest_, request) <= stage)
            throw Cancelled();
    };
    const auto publish_failure = [&](const std::string& sentence, int code) {
        auto failed = std::make_shared<Snapshot>(last ? *last : Snapshot{});
        failed->request_id = request.id;
        failed->complete = true;
        failed->error = sentence;
        failed->error_code = code;
        publish(std::move(failed));
    };
    try {
        evaluate(request, cache_, backend, hooks, work);
    } catch (const Cancelled&) {
        const std::lock_guard lock(mutex_);
        const bool replaced = newest_ && newest_->id != request.id;
        if (!replaced) {
            auto stopped = std::make_shared<Snapshot>(last ? *last : Snapshot{});
            stopped->request_id = request.id;
            stopped->cancelled = true;
            snapshots_.put(std::move(stopped));
        }
    } catch (const EditFailed& edit) {
        {
            const std::lock_guard lock(mutex_);
            failed_edit_ = {request.id, edit.entry()};
        }
        publish_failure(edit.what(), edit.exit_code());
    } catch (const Error& error) {
        publish_failure(error.what(), error.exit_code());
    } catch (const std::bad_alloc&) {
        publish_failure(
            "There is not enough memory for this step: close other programs or open fewer rows.",
            1);
    } catch (const std::exception& error) {
        publish_failure(std::string("The program failed inside a step: ") + error.what(), 70);
    }
}

// `asked` is what stops the question.
void Engine::answer(const Question& question, std::size_t seat, std::stop_source& asked,
                    const std::stop_token& lane) {
    Work work;
    {
        const std::lock_guard lock(mutex_);
        asked = std::stop_source();
        if (lane.stop_requested()) asked.request_stop();
        work.stop = asked.get_token();
        ++answering_;
    }
    // What the work lane does is told first.
    Pace pace;
    work.on_progress = [this, &pace](std::string_view step, double fraction) {
        {
            const std::lock_guard lock(mutex_);
            if (running_) return;
            progress_ = {std::string(step), fraction};
            if (!pace.is_due()) return;
        }
        tell_news();
    };
    question(backends_.of(seat), work);
    backends_.hear(seat);
    {
        const std::lock_guard lock(mutex_);
        if (--answering_ == 0 && !running_) progress_ = {};
    }
    tell_news();
}

void Engine::apart_lane(const std::stop_token& stop) {
    while (const std::optional<Question> question = apart_.wait(stop))
        answer(*question, kApart, stop_apart_, stop);
}

void Engine::look_lane(const std::stop_token& stop) {
    while (look_wake_.wait(stop)) {
        while (const std::optional<Question> question = questions_.take())
            answer(*question, kLook, stop_asked_, stop);
        Work work;
        work.stop = stop;
        std::optional<LookRequest> request;
        {
            // Whoever asks for another moment of the gesture finds it in the mailbox or at work.
            const std::lock_guard lock(mutex_);
            request = look_requests_.take();
            if (request && request->wanted.preview) {
                stop_preview_ = std::stop_source();
                if (stop.stop_requested()) stop_preview_.request_stop();
                previewing_ = request->wanted.preview;
                work.stop = stop_preview_.get_token();
            }
        }
        if (!request) continue;
        const auto end_preview = [this] {
            const std::lock_guard lock(mutex_);
            previewing_.reset();
        };
        std::shared_ptr<const LookResult> result;
        try {
            result = hsa::look(*request, backends_.of(kLook), work);
            end_preview();
        } catch (const Cancelled&) {
            end_preview();
            continue;
        } catch (const std::exception& error) {
            auto failed = std::make_shared<LookResult>();
            failed->id = request->id;
            failed->of = request->snapshot;
            failed->error = error.what();
            result = std::move(failed);
            end_preview();
        }
        backends_.hear(kLook);
        looks_.put(std::move(result));
        tell_news();
    }
}

}  // namespace hsa
