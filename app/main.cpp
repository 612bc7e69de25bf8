#include "app/autosave.h"
#include "app/commands/table.h"
#include "app/diagnose.h"
#include "app/lists.h"
#include "app/log.h"
#include "app/offered_backends.h"
#include "app/options.h"
#include "app/profile.h"
#include "app/progress_line.h"
#include "app/runner.h"
#include "app/setting_values.h"
#include "app/shell.h"
#include "app/window/window.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace splatscope;

constexpr int kInterrupted = 130;
volatile std::sig_atomic_t interrupted = 0;

const auto kStarted = std::chrono::steady_clock::now();

double ms_since_start() {
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - kStarted;
    return passed.count();
}

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

int report(const hsa::Error& error) {
    fmt::print(stderr, "splatscope: {}\n", error.what());
    return error.exit_code();
}

// The user's settings, where a profile is read.
Session start_session(const Profile* profile, const Log& log) {
    Session session;
    if (profile == nullptr) return session;
    for (const std::string& fault : profile->read(session)) log(LogLevel::warning, fault);
    return session;
}

// The window that pictures are drawn in without a display, made by the first picture.
struct OffscreenShell {
    std::unique_ptr<Window> window;
    std::unique_ptr<Shell> shell;
};

// Whether a line is said again of files that changed: what answers, draws or writes.
bool is_repeated(const std::string& line) {
    const std::vector<std::string> words = split_words(line);
    if (words.empty()) return false;
    const CommandRow& row = find_command(words[0]);
    return row.kind == CommandKind::question || row.kind == CommandKind::file ||
           row.name == "view.export" || row.name == "view.sequence" || row.name == "report.save";
}

// The same line where the file it names is its own: it may be replaced.
std::string replacing(const std::string& line) {
    const std::vector<std::string> words = split_words(line);
    const CommandRow& row = find_command(words[0]);
    const bool writes = row.kind != CommandKind::question;
    const bool to_file = std::find(words.begin(), words.end(), "to") != words.end();
    const bool already = words.back() == "overwrite";
    // session.save always replaces its own.
    if (already || row.name == "session.save" || !(writes || to_file)) return line;
    std::string again;  // by words: a remark at the end of the line would take what is added
    for (const std::string& word : words) again += quote_word(word) + " ";
    return again + "overwrite";
}

// Whether any file is open that may change.
bool reads_files(const Document& document) {
    const auto is_file = [](const std::string& path) {
        return !path.empty() && path != "-" && !path.starts_with("sample:");
    };
    const bool splats = is_file(document.run) || (document.init.method == hsa::InitMethod::file &&
                                                  is_file(document.init.path));
    return splats ||
           (document.compare.kind == CompareKind::file && is_file(document.compare.argument)) ||
           std::any_of(document.sources.begin(), document.sources.end(),
                       [&](const hsa::Source& source) { return is_file(source.path); });
}

// After every change of a file that is open, what was asked for is done again, until Ctrl+C. A file
// that is broken is told in a sentence, and what was made of it before stays.
void repeat_when_changed(Runner& runner, const std::vector<std::string>& lines,
                         const std::function<void(const Outcome&)>& tell) {
    std::vector<std::string> again;
    for (const std::string& line : lines)
        if (is_repeated(line)) again.push_back(replacing(line));
    if (again.empty()) again = {"print dataset", "print measures"};
    const auto shown = [&runner] {
        const auto& second = runner.other().snapshot;
        return std::pair(runner.snapshot().dataset, second ? second->dataset : nullptr);
    };
    while (interrupted == 0 && !(runner.complete() && runner.other().settled())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        for (const Outcome& news : runner.poll()) tell(news);
    }
    auto done = shown();
    bool read_again = false;  // splats, whose data stay
    while (interrupted == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        for (const Outcome& news : runner.poll()) {
            read_again |= news.line == "data.reload" && news.error.empty();
            tell(news);
        }
        if (!runner.complete() || !runner.other().settled() || runner.busy() ||
            (shown() == done && !read_again))
            continue;
        done = shown();
        read_again = false;
        for (const std::string& line : again) tell(runner.run(line));
    }
}

int run_headless(const Options& options, const std::vector<std::string>& lines) {
    OffscreenShell offscreen;
    Runner* self = nullptr;
    bool quit = false;
    ProgressLine progress(options.quiet);
    const Log log = Log::of(options.log);
    // Without a window the user's own settings are read only when they are asked for.
    const Profile profile(options.profile);
    Runner::Options given;
    given.backend = options.backend;
    given.offered = offered_backends();
    given.log = log;
    given.start = start_session(options.profile.empty() ? nullptr : &profile, log);
    given.interrupted = [] { return interrupted != 0; };
    given.on_wait = [&progress](const hsa::Progress& now) { progress.show(now); };
    given.quit = [&quit] { quit = true; };
    const auto shell = [&]() -> Shell& {
        if (!offscreen.shell) {
            offscreen.window = make_offscreen_window({1600, 1000});
            offscreen.shell = std::make_unique<Shell>(*offscreen.window, *self, false);
            self->set_window({});  // it draws pictures, and nobody sits before it
        }
        return *offscreen.shell;
    };
    given.picture = [&](const PictureAsked& asked) { return shell().pixels(asked); };
    given.export_view = [&](const PictureAsked& asked) {
        shell().export_view(asked);
        progress.clear();
        if (!options.quiet) fmt::print(stderr, "wrote {}\n", asked.path);
    };
    Runner runner(std::move(given));
    self = &runner;
    int code = 0;
    for (const std::string& line : lines) {
        const Outcome outcome = runner.run(line);
        progress.clear();
        if (!outcome.output.empty()) print(outcome.output + "\n");
        if (!outcome.error.empty()) {
            fmt::print(stderr, "splatscope: {}\n", outcome.error);
            code = outcome.exit_code;
            break;
        }
        if (interrupted != 0) return kInterrupted;
        if (quit) break;
    }
    if (code == 0) {
        // What was opened and never asked about must have worked, too.
        runner.wait_complete();
        progress.clear();
        for (const Outcome& notice : runner.poll())
            if (notice.exit_code != 0) {
                fmt::print(stderr, "splatscope: {}\n", notice.error);
                code = notice.exit_code;
            }
        if (code == 0 && !runner.snapshot().error.empty()) {
            fmt::print(stderr, "splatscope: {}\n", runner.snapshot().error);
            code = runner.snapshot().error_code;
        } else if (code == 0 && options.commands.empty() && options.scripts.empty() &&
                   options.exports.empty() && !options.files.empty()) {
            for (const char* line : {"print dataset", "print measures"})
                print(runner.run(line).output + "\n");
        }
    }
    if (code == 0 && options.watch && !quit) {
        if (!reads_files(runner.session().document))
            hsa::fail_usage("--watch: no file is open: samples and standard input do not change.");
        repeat_when_changed(runner, lines, [&](const Outcome& outcome) {
            progress.clear();
            if (outcome.line == "data.reload" && !outcome.output.empty())
                fmt::print(stderr, "{}\n", outcome.output);
            else if (!outcome.output.empty()) print(outcome.output + "\n");
            if (!outcome.error.empty()) fmt::print(stderr, "splatscope: {}\n", outcome.error);
        });
        return interrupted != 0 ? kInterrupted : 0;
    }
    return code;
}

int run_window(const std::unique_ptr<Window>& window, const Options& options,
               const std::vector<std::string>& lines) {
    Shell* shell = nullptr;
    const Log log = Log::of(options.log);
    const Profile profile(options.profile.empty() ? Profile::usual_folder() : options.profile);
    const Profile* kept = profile.folder().empty() ? nullptr : &profile;
    Runner::Options given;
    given.backend = options.backend;
    given.offered = offered_backends();
    given.log = log;
    given.start = start_session(kept, log);
    given.interrupted = [] { return interrupted != 0; };
    given.on_news = [&window] { window->wake(); };
    given.quit = [&shell] { shell->quit(); };
    given.export_view = [&shell](const PictureAsked& asked) { shell->export_view(asked); };
    given.picture = [&shell](const PictureAsked& asked) { return shell->pixels(asked); };
    Runner runner(std::move(given));
    Shell made(*window, runner, true, kept);
    shell = &made;
    for (const std::string& line : lines) runner.submit(line);
    bool first = true;
    while (made.frame()) {
        if (interrupted != 0) return kInterrupted;
        if (std::exchange(first, false))
            log(LogLevel::info,
                fmt::format("the window is drawn {:.0f} ms after the start", ms_since_start()));
    }
    return 0;
}

void diagnose(const Options& options) {
    print(
        diagnose_backends(options.backend.empty() ? "auto" : options.backend, offered_backends()));
    print(fmt::format("threads: {}\n", std::thread::hardware_concurrency()));
    print(fmt::format("display: {}\n", has_display() ? "yes" : "none"));
    try {
        const auto window = make_offscreen_window({64, 64});
        window->make_current();
        print(fmt::format("pictures without a display: yes, by {}\n", renderer_name()));
    } catch (const hsa::Error& error) {
        print(fmt::format("pictures without a display: {}\n", error.what()));
    }
    const auto named = [](const char* name) {
        const char* value = std::getenv(name);
        return value == nullptr ? std::string("not set") : fmt::format("'{}'", value);
    };
    for (const char* name : {"SPLATSCOPE_HOME", "SPLATSCOPE_MODELS", "SPLATSCOPE_CACHE"})
        print(fmt::format("{}: {}\n", name, named(name)));
    const std::string folder = options.profile.empty() ? Profile::usual_folder() : options.profile;
    print(fmt::format("settings of the user: {}\n", folder.empty() ? "nowhere" : folder));
    for (const char* name : {"settings", "layout", "recent", "keys"}) {
        std::error_code fault;
        const auto bytes = std::filesystem::file_size(folder + "/" + name, fault);
        print(fmt::format("  {}: {}\n", name,
                          fault ? std::string("none") : fmt::format("{} bytes", bytes)));
    }
    if (const auto lost = Autosave::find_lost(folder))
        print(fmt::format("  a lost session: {}\n", lost->path));
}

int run(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    if (options.done) return 0;
    for (const std::string& list : options.lists) print(list_table(list, options.json));
    if (options.licences) print(licences());
    if (options.diagnose) diagnose(options);
    if (!options.lists.empty() || options.licences || options.diagnose) return 0;
    const hsa::ThreadLimit threads(options.threads);
    const std::vector<std::string> lines = command_lines(options);
    const bool commands = !options.commands.empty() || !options.scripts.empty();
    const bool headless =
        options.headless || !options.exports.empty() || (commands && isatty(STDOUT_FILENO) == 0);
    std::unique_ptr<Window> window;
    // One attempt: some servers end when the first client that asked for them goes away.
    const char* display = std::getenv("DISPLAY");
    if (!headless && display != nullptr && *display != '\0') {
        try {
            window = make_desktop_window("Splatscope", {1600, 1000});
        } catch (const hsa::Error& error) {
            fmt::print(stderr, "splatscope: {}\n", error.what());
        }
    }
    if (window) return run_window(window, options, lines);
    if (lines.empty())
        hsa::fail_usage(
            "There is no display to open a window on, and no file or command was given. --help "
            "shows what is possible.");
    return run_headless(options, lines);
}

}  // namespace

int main(int argc, char** argv) {
    // Asked a second time, the program ends at once.
    std::signal(SIGINT, [](int) {
        if (interrupted != 0) _exit(kInterrupted);
        interrupted = 1;
    });
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return run(argc, argv);
    } catch (const hsa::Error& error) {
        return report(error);
    } catch (const Interrupted&) {
        return kInterrupted;
    } catch (const std::bad_alloc&) {
        return report({hsa::ErrorKind::input,
                       "There is not enough memory: close other programs or open fewer rows."});
    } catch (const std::exception& error) {
        return report({hsa::ErrorKind::fault, fmt::format("The program failed: {}", error.what())});
    }
}
