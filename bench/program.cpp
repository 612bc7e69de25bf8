// The program as its user meets it, without a display: start to the first frame, opening a text and
// an array, the CPU time of a frame with every view open, cycles, steps back and the memory of a
// history. Names of parts as arguments run those alone: start text array frame history million
// studio; `studio` (its parts: size frames long points) is what the window promises, each number
// beside its target.
#include "app/runner.h"
#include "bench/bench/peak_memory.h"
#include "bench/guarded.h"
#include "bench/program/parts.h"
#include "bench/program/studio.h"
#include "engine/io/file.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace hsa_bench;
using Clock = std::chrono::steady_clock;

void bench_start() {
    const Clock::time_point start = Clock::now();
    Program program;
    program.shell.build_frame(1.0F / 60.0F);
    line("start to the first frame", ms_since(start), "ms", "target 1000");
    const Clock::time_point opened = Clock::now();
    program.runner.submit("open sample:voyage");
    while (program.runner.session().document.sources.empty() || program.runner.busy())
        program.shell.build_frame(1.0F / 60.0F);
    line("the voyage sample, complete", ms_since(opened), "ms", "target 2000");
}

// From the command to the first map that is linked, and to the whole.
void opened(const std::string& path, const std::string& name, const std::string& first_target,
            const std::string& target) {
    Program program;
    program.shell.build_frame(1.0F / 60.0F);
    const double before = resident_mib();
    const Clock::time_point start = Clock::now();
    program.runner.submit("open " + path);
    double coarse = 0.0;
    double linked = 0.0;
    while (program.runner.session().document.sources.empty() || program.runner.busy()) {
        program.shell.build_frame(1.0F / 60.0F);
        const hsa::LookResult& look = program.runner.look();
        if (coarse == 0.0 && !look.pictures.empty()) coarse = ms_since(start);
        if (linked == 0.0 && look.linked) linked = ms_since(start);
    }
    const double complete = ms_since(start);
    if (!program.runner.snapshot().error.empty()) {
        fmt::print(stderr, "{}: {}\n", path, program.runner.snapshot().error);
        std::exit(1);
    }
    const std::size_t n = program.runner.snapshot().dataset->size();
    line(name + ": first map", coarse, "ms", "of sampled rows where the whole takes longer");
    line(name + ": first linked picture", linked, "ms", first_target);
    line(name + ": complete, coloured 3-D picture", complete, "ms", target);
    line(name + ": memory", (resident_mib() - before) * 1024.0 * 1024.0 / static_cast<double>(n),
         "bytes", fmt::format("a token, {} tokens", n));
}

void bench_text(const Folder& folder) {
    const std::string path = (folder.path / "text.txt").string();
    hsa::write_file(path, text_of(23000), hsa::Existing::replace);
    opened(path, "25,000-token text", "target 2000", "target 4000");
}

void bench_array(const Folder& folder) {
    opened(array_file(folder, 100000, 64), "100,000 x 64", "", "target 3000");
}

// 2^20 tokens from the command to the first map, to all, a zoom and a cycle, with the memory that
// each needs at most.
void bench_million(const Folder& folder) {
    constexpr std::size_t kTokens = std::size_t{1} << 20U;
    constexpr std::size_t kAxes = 64;
    constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
    const std::string path = array_file(folder, kTokens, kAxes);
    for (const std::string storage : {"float32", "8bit"}) {
        Program program;
        program.must("set compute.storage " + storage);
        program.shell.build_frame(1.0F / 60.0F);
        const std::string name = "2^20 x 64, " + storage + ": ";
        const hsa_bench::PeakMemory peak;
        const Clock::time_point start = Clock::now();
        program.runner.submit("open " + path);
        bool first = true;
        while (program.runner.session().document.sources.empty() || program.runner.busy()) {
            program.shell.build_frame(1.0F / 60.0F);
            if (!first || program.runner.look().pictures.empty()) continue;
            first = false;
            line(name + "first 3-D picture and map", 1e-3 * ms_since(start), "s", "target 10");
            line(name + "memory until then", static_cast<double>(peak.bytes()) / kGiB, "GiB",
                 "target 1.5");
        }
        line(name + "complete", 1e-3 * ms_since(start), "s", "");
        const hsa::Factors& factors = *program.runner.snapshot().factors;
        const auto input = static_cast<double>(kTokens * kAxes * sizeof(float));
        const auto held = static_cast<double>(factors.p.bytes() + factors.k.bytes());
        line(name + "memory until then", static_cast<double>(peak.bytes()) / kGiB, "GiB",
             fmt::format("target {:.2f}, 2 x (input + factors)", 2.0 * (input + held) / kGiB));
        const Clock::time_point zoomed = Clock::now();
        program.must("map.view 500000 501000 500000 501000");
        program.settle();
        line(name + "a zoom, drawn", ms_since(zoomed), "ms", "");
        const Clock::time_point stepped = Clock::now();
        program.must("adapt.step");
        program.runner.wait_complete();
        line(name + "a cycle", 1e-3 * ms_since(stepped), "s", "");
        line(name + "memory with it", static_cast<double>(peak.bytes()) / kGiB, "GiB", "");
    }
}

void bench_frame(const Folder& folder) {
    Program program;
    program.must("open " + array_file(folder, 12000, 64));
    program.must("splats.init levels 115 58 23 4");
    program.settle();
    program.must("adapt.step 3");
    program.settle();
    const auto frames = [&](const std::string& what, const std::vector<std::string>& commands) {
        std::vector<double> times;
        for (int frame = 0; frame < 200; ++frame) {
            if (!commands.empty())
                program.must(commands[static_cast<std::size_t>(frame) % commands.size()]);
            const double start = thread_cpu_ms();
            program.shell.build_frame(1.0F / 60.0F);
            times.push_back(thread_cpu_ms() - start);
        }
        std::sort(times.begin(), times.end());
        line(what + ", median", times[times.size() / 2], "ms",
             "target 8, CPU of the frame's thread");
        line(what + ", 95 of 100", times[times.size() * 95 / 100], "ms", "");
    };
    fmt::print("{} splats, {} tokens, every view open\n",
               program.runner.snapshot().registry->size(),
               program.runner.snapshot().dataset->size());
    frames("frame at rest", {});
    std::vector<std::string> pans;
    pans.reserve(20);
    for (int step = 0; step < 20; ++step)
        pans.push_back(fmt::format("map.view {} {} {} {}", 100 * step, 6000 + 100 * step,
                                   100 * step, 6000 + 100 * step));
    frames("frame while the map is panned", pans);
    std::vector<std::string> picks;
    picks.reserve(20);
    for (int step = 0; step < 20; ++step)
        picks.push_back(fmt::format("select.tokens {}:{}", 500 * step, 500 * step + 40));
    frames("frame while the selection moves", picks);
}

void bench_long_history(const Folder& folder) {
    constexpr int kCycles = 1000;
    Program program;
    program.must("open " + array_file(folder, 2000, 64));
    program.must("splats.init levels 100 50 20 5");
    program.must("set adapt.preset fast");
    program.runner.wait_complete();
    const double before = resident_mib();
    const Clock::time_point start = Clock::now();
    program.must(fmt::format("adapt.step {}", kCycles));
    program.runner.wait_complete();
    line("1,000 cycles at n = 2,000, 175 splats of d = 64", 1e-3 * ms_since(start), "s", "");
    line("memory of their history", resident_mib() - before, "MiB",
         "target 256; growth of the resident set");
    std::vector<double> back;
    for (int step = 0; step < 20; ++step) {
        const Clock::time_point asked = Clock::now();
        program.must("adapt.back");
        program.runner.wait_complete();
        back.push_back(ms_since(asked));
    }
    std::sort(back.begin(), back.end());
    line("a step back, n = 2,000, median", back[back.size() / 2], "ms", "target 50");
}

void bench_cycle(const Folder& folder) {
    Program large;
    large.must("open " + array_file(folder, 12000, 64));
    large.must("splats.init levels 100 50 20 5");
    large.runner.wait_complete();
    const Clock::time_point stepped = Clock::now();
    large.must("adapt.step 5");
    large.runner.wait_complete();
    line("a cycle at n = 12,000, with its picture", ms_since(stepped) / 5.0, "ms", "target 500");
    std::vector<double> back;
    for (int step = 0; step < 5; ++step) {
        const Clock::time_point asked = Clock::now();
        large.must("adapt.back");
        large.runner.wait_complete();
        back.push_back(ms_since(asked));
    }
    std::sort(back.begin(), back.end());
    line("a step back, n = 12,000, median", back[back.size() / 2], "ms", "target 50");
    line("a step back, n = 12,000, slowest", back.back(), "ms", "");
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("program", [&] {
        std::set<std::string> parts(argv + 1, argv + argc);
        if (parts.empty())
            parts = {"start", "text", "array", "frame", "history", "million", "studio"};
        const Folder folder;
        if (parts.contains("start")) bench_start();
        if (parts.contains("text")) bench_text(folder);
        if (parts.contains("array")) bench_array(folder);
        if (parts.contains("million")) bench_million(folder);
        if (parts.contains("frame")) bench_frame(folder);
        if (parts.contains("studio")) parts.insert({"size", "frames", "long", "points"});
        if (parts.contains("size")) studio_size(argv[0]);
        if (parts.contains("frames")) studio_frames(folder);
        if (parts.contains("long")) studio_long(folder);
        if (parts.contains("points")) studio_million(folder);
        if (parts.contains("history")) {
            bench_long_history(folder);
            bench_cycle(folder);
        }
    });
}
