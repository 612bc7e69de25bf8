#include "bench/program/studio.h"

#include "engine/io/file.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

using Clock = std::chrono::steady_clock;
using splatscope::Rect;
using splatscope::Vec2;

constexpr double kFrameTarget = 8.0;   // ms of CPU a frame
constexpr double kStallTarget = 50.0;  // ms, of any frame

// A number beside what it should at most be.
void held(const std::string& what, double value, double most, const std::string& unit,
          const std::string& note = "") {
    line(what, value, unit,
         fmt::format("at most {:g}: {}{}{}", most, value <= most ? "met" : "MISSED",
                     note.empty() ? "" : "; ", note));
}

struct Times {
    std::vector<double> ms;  // CPU of the frame's thread
    [[nodiscard]] double median() { return at(0.5); }
    [[nodiscard]] double p95() { return at(0.95); }
    [[nodiscard]] double worst() { return at(1.0); }

  private:
    double at(double share) {
        if (ms.empty()) return 0.0;
        std::sort(ms.begin(), ms.end());
        const auto last = static_cast<double>(ms.size() - 1);
        return ms[static_cast<std::size_t>(share * last)];
    }
};

double timed_frame(Program& program) {
    const double start = thread_cpu_ms();
    program.frame();
    return thread_cpu_ms() - start;
}

// Frames, `act` before each and not counted.
Times frames(Program& program, int count, const std::function<void(int)>& act) {
    Times times;
    for (int frame = 0; frame < count; ++frame) {
        if (act) act(frame);
        times.ms.push_back(timed_frame(program));
    }
    return times;
}

// Frames until the lanes have answered all that is shown; the longest of them.
double until_answered(Program& program) {
    double worst = 0.0;
    const auto waits = [&] {
        for (const char* id : {"map", "splats", "text"})
            if (program.shell.panel(id).drawn.waiting) return true;
        return program.runner.busy();
    };
    for (int quiet = 0; quiet < 5; quiet = waits() ? 0 : quiet + 1) {
        worst = std::max(worst, timed_frame(program));
        program.window.take_events(0.002);
    }
    return worst;
}

Vec2 middle_of(Program& program, const std::string& view, float x = 0.4F, float y = 0.5F) {
    const Rect place = program.shell.panel(view).canvas;
    return {place.min.x + x * place.width(), place.min.y + y * place.height()};
}

void pointer_at(Vec2 at) { ImGui::GetIO().AddMousePosEvent(at.x, at.y); }
void button(int which, bool down) { ImGui::GetIO().AddMouseButtonEvent(which, down); }

// A drag over a view in so many frames, its button held at the end.
Times dragged(Program& program, const std::string& view, int count) {
    const Vec2 from = middle_of(program, view);
    pointer_at(from);
    (void)frames(program, 2, {});
    button(0, true);
    (void)frames(program, 1, {});
    return frames(program, count, [&](int frame) {
        const auto step = static_cast<float>(frame + 1);
        pointer_at({from.x + 2.0F * step, from.y + step});
    });
}

// Where the renderer is a program it draws on threads of its own.
Times turned(Program& program, int count) {
    const double before = program_cpu_ms();
    Times times = dragged(program, "splats", count);
    held("  the 3-D view turns, all threads, mean", (program_cpu_ms() - before) / count,
         kStallTarget, "ms", "CPU, the renderer's too");
    return times;
}

void hold_frames(const std::string& what, Times times) {
    held(what + ", median", times.median(), kFrameTarget, "ms", "CPU of the frame's thread");
    held(what + ", 95 of 100", times.p95(), kFrameTarget, "ms");
}

// The longest frame while something is computed, and the longest time without anything new.
struct Watched {
    double longest_frame = 0.0;
    std::string frame_in;      // what ran then
    double longest_gap = 0.0;  // CPU of all threads: another program's share does not count
    std::string gap_in;
};

// Until all is there, or so many ms have passed.
Watched watched_until_complete(Program& program, Clock::time_point start, double limit) {
    Watched watched;
    double last = program_cpu_ms();
    const hsa::Snapshot* snapshot = &program.runner.snapshot();
    const hsa::LookResult* look = &program.runner.look();
    std::string step;
    double fraction = -1.0;
    while (program.runner.session().document.sources.empty() || program.runner.busy()) {
        const double frame = timed_frame(program);
        const hsa::Progress progress = program.runner.progress();
        if (frame > watched.longest_frame) {
            watched.longest_frame = frame;
            watched.frame_in = progress.step;
        }
        const bool is_new = snapshot != &program.runner.snapshot() ||
                            look != &program.runner.look() || progress.step != step ||
                            progress.fraction - fraction > 0.01;
        const double now = program_cpu_ms();
        if (is_new) {
            if (now - last > watched.longest_gap) {
                watched.longest_gap = now - last;
                watched.gap_in = fmt::format("in '{}' at {:.2f}", step, fraction);
            }
            last = now;
            snapshot = &program.runner.snapshot();
            look = &program.runner.look();
            step = progress.step;
            fraction = progress.fraction;
        }
        if (ms_since(start) > limit) break;
        program.window.take_events(0.033);
    }
    if (program_cpu_ms() - last > watched.longest_gap) {
        watched.longest_gap = program_cpu_ms() - last;
        watched.gap_in = fmt::format("in '{}' at {:.2f}", step, fraction);
    }
    return watched;
}

void hold_watched(const Watched& watched) {
    held("  longest time without anything new", watched.longest_gap, 1000.0, "ms",
         "CPU of all threads, " + watched.gap_in);
    held("  longest frame meanwhile", watched.longest_frame, kStallTarget, "ms",
         "CPU, " + watched.frame_in);
}

// From the line to the session as it was before, all lanes at rest.
void cancelled(const std::string& path, const std::string& name) {
    double slowest = 0.0;
    std::string slowest_in;
    for (double after = 50.0; after < 6000.0; after *= 1.6) {
        Program program;
        program.frame();
        program.runner.submit("open " + path);
        const Clock::time_point start = Clock::now();
        program.frame();
        (void)watched_until_complete(program, start, after);
        if (!program.runner.busy()) break;
        const std::string step = program.runner.progress().step;
        const double asked = program_cpu_ms();
        program.runner.submit("cancel");
        while (program.runner.busy()) {
            program.frame();
            program.window.take_events(0.033);
        }
        if (program_cpu_ms() - asked > slowest) {
            slowest = program_cpu_ms() - asked;
            slowest_in = fmt::format("after {:.0f} ms, in '{}'", after, step);
        }
    }
    held(name + ": Cancel, slowest", slowest, 100.0, "ms", "CPU of all threads, " + slowest_in);
}

}  // namespace

void studio_frames(const Folder& folder) {
    const std::string path = (folder.path / "studio.txt").string();
    hsa::write_file(path, text_of(23000), hsa::Existing::replace);
    Program program;
    program.frame();
    const Clock::time_point start = Clock::now();
    const double before = program_cpu_ms();
    program.runner.submit("open " + path);
    double linked = 0.0;
    while (linked == 0.0 && ms_since(start) < 60000.0) {
        program.frame();
        const hsa::LookResult& look = program.runner.look();
        if (look.linked && !look.pictures.empty()) linked = ms_since(start);
        program.window.take_events(0.033);
    }
    const double used = program_cpu_ms() - before;
    program.runner.wait_complete();
    held("a text of 25,000 tokens, to the first linked picture", linked, 2000.0, "ms",
         fmt::format("{:.0f} ms of CPU, all threads", used));
    program.must("splats.init levels 115 58 23 4");
    program.settle();
    (void)until_answered(program);
    fmt::print("{} tokens, {} splats:\n", program.runner.snapshot().dataset->size(),
               program.runner.snapshot().registry->size());
    hold_frames("  a frame at rest", frames(program, 200, {}));
    hold_frames("  a frame while the map is dragged", dragged(program, "map", 100));
    button(0, false);
    (void)until_answered(program);
    hold_frames("  a frame while the 3-D view turns", turned(program, 100));
    button(0, false);
    (void)until_answered(program);
    const Vec2 over = middle_of(program, "map");
    hold_frames("  a frame while the pointer moves over the map",
                frames(program, 100, [&](int frame) {
                    pointer_at({over.x + static_cast<float>(frame), over.y});
                }));
    hold_frames("  a frame while the selection moves", frames(program, 100, [&](int frame) {
                    program.must(fmt::format("select.tokens {}:{}", 200 * frame, 200 * frame + 40));
                }));
    const Vec2 words = middle_of(program, "text");
    pointer_at(words);
    hold_frames("  a frame while the text scrolls",
                frames(program, 100, [&](int) { ImGui::GetIO().AddMouseWheelEvent(0.0F, -1.0F); }));
    (void)until_answered(program);

    constexpr double kSeconds = 4.0;
    for (const Clock::time_point begun = Clock::now(); ms_since(begun) < 2000.0;)
        (void)program.shell.frame();
    program.window.presented = 0;
    const double cpu = thread_cpu_ms();
    const Clock::time_point rested = Clock::now();
    while (ms_since(rested) < 1e3 * kSeconds) (void)program.shell.frame();
    held("  frames drawn in 4 s in which nothing happens", program.window.presented, 0.0, "");
    held("  CPU of the window's thread in them", (thread_cpu_ms() - cpu) / (10.0 * kSeconds), 0.2,
         "%");
}

void studio_long(const Folder& folder) {
    const std::string path = (folder.path / "long.txt").string();
    hsa::write_file(path, text_of(184000), hsa::Existing::replace);
    {
        Program program;
        program.frame();
        const Clock::time_point start = Clock::now();
        program.runner.submit("open " + path);
        const Watched watched = watched_until_complete(program, start, 1e9);
        fmt::print("{} tokens of text, complete in {:.1f} s:\n",
                   program.runner.snapshot().dataset->size(), 1e-3 * ms_since(start));
        hold_watched(watched);
    }
    cancelled(path, "  opening it");
}

void studio_million(const Folder& folder) {
    constexpr std::size_t kTokens = std::size_t{1} << 20U;
    const std::string path = array_file(folder, kTokens, 16);
    Program program;
    program.frame();
    const Clock::time_point start = Clock::now();
    program.runner.submit("open " + path);
    const Watched watched = watched_until_complete(program, start, 1e9);
    fmt::print("{} tokens of 16 numbers, complete in {:.1f} s:\n", kTokens, 1e-3 * ms_since(start));
    hold_watched(watched);
    held("  longest frame after it", until_answered(program), kStallTarget, "ms", "CPU");
    hold_frames("  a frame at rest", frames(program, 100, {}));

    program.must("map.view 200000 700000 200000 700000");
    (void)until_answered(program);
    Times drag = dragged(program, "map", 60);
    held("  a drag on the map, slowest answer (coarse)", drag.worst(), kStallTarget, "ms", "CPU");
    button(0, false);
    const Clock::time_point released = Clock::now();
    (void)until_answered(program);
    held("  ... exact after its end", ms_since(released), 300.0, "ms", "with 5 frames");

    Times turn = turned(program, 60);
    held("  the 3-D view turns, slowest frame", turn.worst(), kStallTarget, "ms", "CPU");
    held("  the 3-D view turns, median", turn.median(), kStallTarget, "ms", "CPU");
    button(0, false);
    held("  ... longest frame after its end", until_answered(program), kStallTarget, "ms", "CPU");

    const auto asked = [&](const std::string& command) {
        program.runner.submit(command);
        double worst = timed_frame(program);
        worst = std::max(worst, until_answered(program));
        held("  " + command + ": longest frame", worst, kStallTarget, "ms", "CPU");
    };
    asked("select.all");
    asked("select.where \"length >= 0\"");
    asked("select.tokens 1000:1010");
    asked("select.grow 10");
    asked("set table.rows tokens");
    asked("table.select");
    asked("select.invert");
    asked("select.none");
    cancelled(path, "  opening it");
}

void studio_size(const std::string& bench) {
    const std::filesystem::path path =
        std::filesystem::absolute(bench).parent_path().parent_path() / "splatscope";
    std::error_code fault;
    const auto bytes = std::filesystem::file_size(path, fault);
    if (!fault)
        held("the program, one file", 1e-6 * static_cast<double>(bytes), 50.0, "MB",
             "of this build");
}

}  // namespace hsa_bench
