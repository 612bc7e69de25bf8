#include "engine/io/file.h"

#include "engine/core/error.h"
#include "engine/io/compressed.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hsa {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

// An open descriptor, closed when it goes out of scope.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int number() const { return number_; }
    // Closes now and returns the error number, since a full disk may be told only here.
    [[nodiscard]] int close() {
        const int result = ::close(number_);
        number_ = -1;
        return result == 0 ? 0 : errno;
    }

  private:
    int number_;
};

[[noreturn]] void fail_opening(const std::string& path, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        const fs::path folder = fs::path(path).parent_path();
        std::error_code ignored;
        if (!folder.empty() && !fs::is_directory(folder, ignored)) {
            fail("{}: the folder '{}' does not exist; check the path", path, folder.string());
        }
        fail("{}: there is no such file; check the spelling, or give the path from the root", path);
    }
    if (error == EACCES || error == EPERM) {
        fail("{}: no permission to read this file; change its permissions or copy it", path);
    }
    fail("{}: cannot be opened ({}); check the path", path, reason(error));
}

std::uint64_t memory_of_machine() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Writes everything; returns 0 or the error number.
int write_all(int descriptor, std::string_view bytes) {
    constexpr std::size_t kPiece = std::size_t{1} << 24U;
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), std::min(bytes.size(), kPiece));
        if (count < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

[[noreturn]] void fail_writing(const std::string& path, std::size_t size, int error) {
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        fail(
            "{}: the disk has no room for {} bytes ({}); nothing was left there: free some space "
            "or "
            "write somewhere else",
            path, size, reason(error));
    }
    if (error == EACCES || error == EPERM || error == EROFS) {
        fail("{}: no permission to write here ({}); choose another folder", path, reason(error));
    }
    if (error == ENOENT || error == ENOTDIR) {
        fail("{}: the folder '{}' does not exist; make it first or choose another", path,
             fs::path(path).parent_path().string());
    }
    fail("{}: cannot be written ({}); choose another place", path, reason(error));
}

[[noreturn]] void fail_existing(const std::string& path) {
    fail(
        "{}: the file exists already; end the command with the word 'overwrite', give --force, or "
        "choose another name",
        path);
}

enum class Place { absent, file, special };

// What is at `path` now; throws for a folder and for a file that must not be replaced.
Place look_at(const std::string& path, Existing existing) {
    if (path.empty()) fail("a file name is missing; give the path to write to");
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return Place::absent;
        fail_writing(path, 0, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        fail("{}: this is a folder; add a file name to write to", path);
    }
    if (!S_ISREG(status.st_mode)) return Place::special;
    if (existing == Existing::refuse) fail_existing(path);
    return Place::file;
}

// The file that a link finally names, so that replacing it keeps the link.
fs::path final_target(const std::string& path) {
    std::error_code error;
    fs::path target = fs::weakly_canonical(path, error);
    return error ? fs::path(path) : target;
}

// A file beside `target` that nobody else has; removed again unless it was renamed.
class PartialFile {
  public:
    explicit PartialFile(const fs::path& target) {
        for (int attempt = 0; attempt < 1000; ++attempt) {
            name_ = target.parent_path() / fmt::format(".{}.{}-{}.partial",
                                                       target.filename().string().substr(0, 100),
                                                       ::getpid(), attempt);
            number_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (number_ >= 0 || errno != EEXIST) break;
        }
        error_ = number_ < 0 ? errno : 0;
    }
    ~PartialFile() {
        if (number_ >= 0 && !kept_) ::unlink(name_.c_str());
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] const fs::path& name() const { return name_; }
    void keep() { kept_ = true; }

  private:
    fs::path name_;
    int number_ = -1;
    int error_ = 0;
    bool kept_ = false;
};

// Gives the finished file its name; returns 0 or the error number.
int rename_to(const fs::path& from, const fs::path& to, Existing existing) {
    if (existing == Existing::refuse) {
#ifdef RENAME_NOREPLACE
        if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
            return 0;
        // Not every file system knows the flag.
        if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
        struct stat status {};
        if (::stat(to.c_str(), &status) == 0) return EEXIST;
    }
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

void write_directly(const std::string& path, int descriptor, std::string_view bytes) {
    const int error = write_all(descriptor, bytes);
    if (error != 0) fail_writing(path == "-" ? "standard output" : path, bytes.size(), error);
}

}  // namespace

std::string read_descriptor(int descriptor, const std::string& path,
                            std::optional<std::uint64_t> promised) {
    constexpr std::size_t kPiece = std::size_t{1} << 20U;
    // Asked first: a system that promises more than it has would end the program later instead.
    if (promised && *promised > memory_of_machine())
        fail("{}: too large for the memory of this machine; open a smaller file", path);
    std::string bytes;
    try {
        std::size_t used = 0;
        if (promised) bytes.resize(static_cast<std::size_t>(*promised) + 1);
        for (;;) {
            if (used == bytes.size()) bytes.resize(std::max(used + kPiece, used + used / 2));
            const ssize_t count = ::read(descriptor, bytes.data() + used, bytes.size() - used);
            if (count < 0) {
                if (errno == EINTR) continue;
                fail("{}: reading stopped after {} bytes ({}); try again", path, used,
                     reason(errno));
            }
            if (count == 0) break;
            used += static_cast<std::size_t>(count);
        }
        bytes.resize(used);
    } catch (const std::bad_alloc&) {
        fail("{}: too large for the memory of this machine; open a smaller file", path);
    } catch (const std::length_error&) {
        fail("{}: too large for the memory of this machine; open a smaller file", path);
    }
    if (promised && bytes.size() < *promised) {
        fail(
            "{}: the file shrank from {} to {} bytes while it was read; open it again when nothing "
            "writes to it",
            path, *promised, bytes.size());
    }
    return bytes;
}

namespace {

// A descriptor of a file that can be read; throws for everything else.
int open_readable(const std::string& path) {
    if (path.empty()) fail("a file name is missing; give the path to read");
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail_opening(path, errno);
    if (S_ISDIR(status.st_mode)) fail("{}: this is a folder; name a file inside it", path);
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) || S_ISSOCK(status.st_mode)) {
        fail("{}: this is a device, not a file; name a file, or '-' for standard input", path);
    }
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0) fail_opening(path, errno);
    return number;
}

// The size of a plain file, which a pipe has not.
std::optional<std::uint64_t> size_of(const Descriptor& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) fail_opening(path, errno);
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

std::string unpacked(const std::string& path, std::string&& bytes) {
    if (compression_of(bytes) != Compression::none) return unpack(path, bytes);
    return std::move(bytes);
}

}  // namespace

std::string read_file(const std::string& path) {
    if (path == "-") {
        std::string bytes = read_descriptor(STDIN_FILENO, "standard input", std::nullopt);
        if (bytes.empty()) fail("standard input: it is empty; send a file into it");
        return unpacked("standard input", std::move(bytes));
    }
    const Descriptor file(open_readable(path));
    std::string bytes = read_descriptor(file.number(), path, size_of(file, path));
    if (bytes.empty()) fail("{}: the file is empty; choose one with content", path);
    return unpacked(path, std::move(bytes));
}

std::string read_beginning(const std::string& path, std::size_t most) {
    const Descriptor file(open_readable(path));
    // A pipe gives its bytes once only: they are for who reads the whole.
    if (!size_of(file, path))
        fail("{}: a pipe can be read once only; send it to standard input, '-'", path);
    // What is packed begins with a header that may be longer than what was asked for.
    constexpr std::size_t kLeast = std::size_t{1} << 16U;
    std::string bytes(std::max(most, kLeast), '\0');
    std::size_t used = 0;
    while (used < bytes.size()) {
        const ssize_t count = ::read(file.number(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            fail("{}: reading stopped after {} bytes ({}); try again", path, used, reason(errno));
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    bytes.resize(used);
    if (bytes.empty()) fail("{}: the file is empty; choose one with content", path);
    if (compression_of(bytes) != Compression::none) return unpack_beginning(bytes, most);
    if (bytes.size() > most) bytes.resize(most);
    return bytes;
}

std::string stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return path;
    return fmt::format("{} {} {}.{}", path, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec);
}

void check_writable(const std::string& path, Existing existing) {
    if (path == "-" || look_at(path, existing) == Place::special) return;
    const fs::path folder = final_target(path).parent_path();
    if (::faccessat(AT_FDCWD, folder.empty() ? "." : folder.c_str(), W_OK, AT_EACCESS) != 0)
        fail_writing(path, 0, errno);
}

void write_file(const std::string& path, std::string_view bytes, Existing existing) {
    if (path == "-") {
        std::fflush(stdout);
        write_directly(path, STDOUT_FILENO, bytes);
        return;
    }
    if (look_at(path, existing) == Place::special) {
        const Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (device.number() < 0) fail_writing(path, bytes.size(), errno);
        write_directly(path, device.number(), bytes);
        return;
    }
    const fs::path target = final_target(path);
    PartialFile partial(target);
    if (partial.number() < 0) fail_writing(path, bytes.size(), partial.error());
    Descriptor file(partial.number());
    int error = write_all(file.number(), bytes);
    if (error == 0 && ::fsync(file.number()) != 0) error = errno;
    struct stat old {};
    // A replaced file keeps its permissions; a file system without them is no reason to fail.
    if (error == 0 && ::stat(target.c_str(), &old) == 0) {
        (void)::fchmod(file.number(), old.st_mode & 07777U);
    }
    const int closing = file.close();
    if (error == 0) error = closing;
    if (error == 0) error = rename_to(partial.name(), target, existing);
    if (error == EEXIST) fail_existing(path);
    if (error != 0) fail_writing(path, bytes.size(), error);
    partial.keep();
}

}  // namespace hsa
