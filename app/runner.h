#pragma once

#include "app/commands/table.h"
#include "app/edit_steps.h"
#include "app/file_watch.h"
#include "app/history.h"
#include "app/other_side.h"
#include "app/report/report.h"
#include "app/runner_options.h"
#include "app/session.h"
#include "engine/io/animation.h"
#include "engine/io/png.h"
#include "engine/lanes.h"
#include "engine/look.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace splatscope {

// Something that runs or waits for its turn.
struct Job {
    std::string what;
    double fraction = -1.0;  // below 0: unknown
    bool waits = false;
    std::string name;  // for the command cancel
};

// The program without pixels: it owns the Session, its undo history and the engine's lanes, turns
// command lines into new Sessions, and asks the engine for what the Session needs. The window and
// the headless run are both clients of it. All of it belongs to one thread.
class Runner {
  public:
    using Options = RunnerOptions;
    explicit Runner(Options options);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    [[nodiscard]] const Session& session() const { return session_; }
    // The same as the user's settings are to have it: --backend is for this run alone.
    [[nodiscard]] Session session_to_keep() const;
    [[nodiscard]] const hsa::Snapshot& snapshot() const { return *snapshot_; }
    [[nodiscard]] std::shared_ptr<const hsa::Snapshot> snapshot_pointer() const {
        return snapshot_;
    }
    [[nodiscard]] const hsa::LookResult& look() const { return *look_; }
    // What the attention shown is compared with.
    [[nodiscard]] const OtherState& other() const { return other_.state(); }
    [[nodiscard]] const UndoHistory& undo_history() const { return undo_; }
    [[nodiscard]] hsa::Engine& engine() { return *engine_; }
    // Lines that were executed and changed something: a script that repeats the session.
    [[nodiscard]] const std::vector<std::string>& log() const { return log_; }

    // Puts a line at the end of the queue; it runs in poll() when what it needs is there.
    void submit(const std::string& line);
    // Takes what the lanes have published and runs the lines that can run. Returns the outcomes of
    // the lines that ended; a question's comes in a later poll, when a lane has answered it for the
    // Session of the moment it was asked: in order, but for those that take long
    // (CommandRow::apart), which are in order among themselves. Lines after a change that is found
    // out on a lane (CommandRow::search) wait for it. Never waits for a lane itself.
    std::vector<Outcome> poll();
    // Runs one line to its end, waiting for the computation it needs; pictures of the look lane
    // too. Where an edit before it turns out to have failed the outcome is that edit's, and the
    // line does not run. Throws Interrupted, as all that waits here.
    Outcome run(const std::string& line);
    // Waits until the snapshot answers the Session as it is, or failed.
    void wait_complete();
    // Asks the look lane for what the views want and the selection; results arrive in look().
    // Returns true when look() already answers this. `preview`: while a gesture lasts, the command
    // line that its end would send: what is looked at is the snapshot as that edit would leave it,
    // coarse while the line changes, exact once it rests. The Session stays as it is.
    bool want(const hsa::Wanted& wanted, const std::string& preview = {});
    // That snapshot, of the one shown now; null while there is none.
    [[nodiscard]] const hsa::Snapshot* preview() const {
        return previewing_ && look_->previewed == snapshot_ && look_->of ? look_->of.get()
                                                                         : nullptr;
    }
    void wait_look(const hsa::Wanted& wanted);

    // True when the snapshot is of the Session as it is, though stages may still run.
    [[nodiscard]] bool answers_session() const {
        return snapshot_->request_id == requested_.id && request_of(session_).same_work(requested_);
    }
    // True when every stage the Session needs has run (or failed, or was cancelled).
    [[nodiscard]] bool complete() const;
    [[nodiscard]] bool busy() const {
        return !complete() || !lines_.empty() || !asked_.empty() || sequence_;
    }
    // Of what is shown; when there is none, of what it is compared with.
    [[nodiscard]] hsa::Progress progress() const;
    // What runs, then what waits in its order.
    [[nodiscard]] std::vector<Job> jobs() const;

    // What a window does for the commands window.* and with a text that is copied; empty when there
    // is none (any more): such a text is then the outcome's output. `copy_picture` takes the bytes
    // of a PNG; it throws Error where the clipboard takes none.
    void set_window(std::function<void(WindowAction)> act,
                    std::function<void(const std::string& text)> copy = {},
                    std::function<void(std::string png)> copy_picture = {}) {
        window_ = std::move(act);
        copy_ = std::move(copy);
        copy_picture_ = std::move(copy_picture);
    }
    // The window's own: desk changes that are no command (size, layout text taken when saving).
    void set_desk(const Desk& desk) { session_.desk = desk; }
    // Its clock, seconds: what commands about moving pictures go by. Without a window it stands.
    void set_now(double seconds) { now_ = seconds; }
    [[nodiscard]] double now() const { return now_; }

  private:
    // A question on its way through its lane: the answer as text, empty when it went into a
    // file; or a change that is found out there, of the data that were open then.
    struct Asked {
        std::string line;
        const CommandRow* row;
        Args args;
        std::future<std::string> answer;
        std::future<Found> found;
        std::vector<hsa::Source> sources;
        std::stop_source stop = {};  // of this one alone

        [[nodiscard]] bool ready() const;
    };
    // Files that are read again: what was shown of them before stays until they are there.
    struct Reload {
        hsa::Request requested;
        std::map<std::string, std::uint64_t> versions;  // of data, by path
        std::string splats;                             // a file of splats that is read again
        std::shared_ptr<const hsa::Snapshot> shown;
    };
    // The line that asked for work, its step of undo (0: none), and what it opened.
    struct Cause {
        std::string line;
        std::uint64_t step = 0;
        bool data = false;    // a text or vectors
        bool splats = false;  // splats or a run
    };
    // Pictures on their way: which is next, and where the timeline stood before.
    struct Sequence {
        PictureSequence asked;
        std::string line;
        std::size_t made = 0;
        std::int32_t cursor = 0;
        CameraPose camera;             // before it ...
        std::optional<CameraWay> way;  // ... too
        std::size_t before = 0;        // lines that waited when it began
        std::unique_ptr<hsa::AnimationWriter> animation;
    };
    bool ready_for(const CommandRow& row, const std::vector<std::string>& words) const;
    [[nodiscard]] bool waits_for_other(const CommandRow& row,
                                       const std::vector<std::string>& words) const;
    // Runs a line; nothing when it is a question, which then stands at the end of asked_.
    std::optional<Outcome> execute(const std::string& line);
    void ask(const CommandRow& row, Args args, const std::string& line);
    [[nodiscard]] std::optional<hsa::PreviewWanted> preview_of(const std::string& line);
    void search(const CommandRow& row, const Args& args, const std::string& line);
    [[nodiscard]] bool searching() const;
    Outcome outcome_of(Asked asked);
    void change(const CommandRow& row, const Args& args, const std::string& line);
    void adopt(Session changed, const CommandRow& row, const std::string& line);
    bool request_if_needed();
    void request_again();
    void take_news();
    void settle_run();
    void give_up(std::vector<Outcome>& outcomes);
    void drop_failed_edit();
    [[nodiscard]] std::uint64_t failed_edit() const;
    std::vector<std::string> take_back(std::uint64_t step);
    void wait_a_little(bool for_second = false);
    void tell_stages() const;
    void compare_data();
    void tell_backend();
    void tell_cut_file();
    void stop_at_once(std::vector<Outcome>& outcomes);
    void cancel(const std::string& job);  // runner_jobs.cpp
    [[nodiscard]] ProgramControl control(const std::string& command, const std::string& line,
                                         Outcome& outcome);
    void check_drawable() const;
    void draw_into(const PictureAsked& asked);
    [[nodiscard]] hsa::PngImage picture_of(const PictureAsked& asked);
    [[nodiscard]] std::string copy_picture(const PictureAsked& asked);
    [[nodiscard]] std::string compare_picture(PictureAsked asked, const PictureBound& bound);
    // runner_reload.cpp
    void reload(const std::string& path);
    void know_files();
    void watch_files();
    [[nodiscard]] bool hold_back(const hsa::Snapshot& fresh);
    void give_up_reload(const hsa::Snapshot& fresh);
    void end_reload(const hsa::Snapshot& fresh);
    void carry_selection(const std::shared_ptr<const hsa::Snapshot>& from);
    void set_version(const std::string& path, std::uint64_t version);
    // runner_sequence.cpp
    void begin_sequence(PictureSequence asked, const std::string& line);
    std::optional<Outcome> continue_sequence();
    std::optional<Outcome> poll_sequence();
    void draw_frame(Sequence& sequence);
    [[nodiscard]] std::string end_sequence(Sequence& sequence);
    void show_frame();
    void leave_sequence();
    void show_cycle(std::int32_t cycle);
    // runner_report.cpp
    [[nodiscard]] std::string save_report(const std::string& path, bool overwrite);
    [[nodiscard]] Report report_of_session();
    [[nodiscard]] std::map<std::string, std::string> pictures_of(const Report& report);

    Options options_;
    std::function<void(WindowAction)> window_;
    std::function<void(const std::string& text)> copy_;
    std::function<void(std::string png)> copy_picture_;
    Session session_;
    UndoHistory undo_;
    std::shared_ptr<const hsa::Snapshot> snapshot_;
    std::shared_ptr<const hsa::LookResult> look_;
    hsa::Request requested_;
    std::uint64_t next_id_ = 1;
    std::uint64_t look_id_ = 0;
    hsa::LookRequest look_requested_;
    // While a gesture lasts: its line, and what was there before it.
    struct Previewing {
        std::string line;
        std::optional<hsa::Edit> edit;  // nothing: the line makes none that can be shown
        std::shared_ptr<const hsa::LookResult> before;
    };
    std::optional<Previewing> previewing_;
    std::deque<std::string> lines_;
    std::deque<Asked> asked_;
    std::optional<hsa::BackendState> told_backend_;  // what was said of the choice in force
    std::vector<Outcome> notices_;                   // of what no line caused, for the next poll
    std::string told_cut_;                           // the sentence of a file that was cut short
    std::uint64_t compared_ = 0;                     // the data whose hash was compared last ...
    std::uint64_t compared_other_ = 0;               // ... and those of the second side
    std::optional<Sequence> sequence_;
    std::optional<Cause> cause_;  // of the work that was asked for last, until its end is known
    EditSteps edits_;
    std::vector<std::string> log_;
    double now_ = 0.0;
    hsa::SampleReader read_sample_;
    std::optional<Reload> reload_;
    FileWatch watch_;
    std::set<std::string> changed_files_;  // that wait to be read again
    OtherSide other_;
    std::unique_ptr<hsa::Engine> engine_;  // last: its threads end first
};

}  // namespace splatscope
