#include "tests/unit/app/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace program_test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
    int read_end = -1;
    int write_end = -1;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
        read_end = ends[0];
        write_end = ends[1];
    }
};

// The child's side: never returns.
[[noreturn]] void become(const Run& run, const Pipe& in, const Pipe& out, const Pipe& error) {
    ::dup2(in.read_end, STDIN_FILENO);
    ::dup2(out.write_end, STDOUT_FILENO);
    ::dup2(error.write_end, STDERR_FILENO);
    for (const Pipe* pipe : {&in, &out, &error}) {
        ::close(pipe->read_end);
        ::close(pipe->write_end);
    }
    ::unsetenv("DISPLAY");
    ::unsetenv("WAYLAND_DISPLAY");
    for (const auto& [name, value] : run.environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (!run.folder.empty() && ::chdir(run.folder.c_str()) != 0) ::_exit(126);
    if (run.largest_file > 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{run.largest_file, run.largest_file};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
    }
    std::vector<char*> words = {const_cast<char*>(SPLATSCOPE_PROGRAM)};
    for (const std::string& word : run.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(SPLATSCOPE_PROGRAM, words.data());
    ::_exit(127);
}

// Adds what is there to `text`; false once the other side has closed.
bool take(int descriptor, std::string& text) {
    std::array<char, 65536> piece{};
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace

Result run(const Run& run) {
    const Pipe in;
    const Pipe out;
    const Pipe error;
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) become(run, in, out, error);
    ::close(in.read_end);
    ::close(out.write_end);
    ::close(error.write_end);
    // Small inputs fit into the pipe; a program that does not read them is no fault here.
    ::signal(SIGPIPE, SIG_IGN);
    if (::write(in.write_end, run.input.data(), run.input.size()) < 0) {
    }
    ::close(in.write_end);
    Result result;
    const Clock::time_point began = Clock::now();
    bool interrupted = run.interrupt_after <= 0.0;
    std::array<pollfd, 2> watched = {pollfd{out.read_end, POLLIN, 0},
                                     pollfd{error.read_end, POLLIN, 0}};
    std::array<std::string*, 2> texts = {&result.out, &result.error};
    while (watched[0].fd >= 0 || watched[1].fd >= 0) {
        ::poll(watched.data(), watched.size(), 20);
        for (std::size_t i = 0; i < watched.size(); ++i)
            if (watched[i].revents != 0 && !take(watched[i].fd, *texts[i])) watched[i].fd = -1;
        const std::chrono::duration<double> passed = Clock::now() - began;
        if (!interrupted && passed.count() >= run.interrupt_after) {
            ::kill(child, SIGINT);
            interrupted = true;
        }
    }
    ::close(out.read_end);
    ::close(error.read_end);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
    return result;
}

Result run(std::vector<std::string> words) { return run(Run{std::move(words), {}}); }

}  // namespace program_test
