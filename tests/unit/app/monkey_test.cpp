// Clicks, keys, the wheel, drags and dropped files by chance, through the real window: nothing ends
// the program, and what must hold holds after each. SPLATSCOPE_MONKEY says how many there are
// (1000), SPLATSCOPE_MONKEY_SEED which (1). What was done last stands in the file
// splatscope-monkey.log of the temporary folder, should the program end.

#include "app/session_file.h"
#include "app/settings.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "tests/catch.h"
#include "tests/unit/app/played_window.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace splatscope;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShown = 30;           // of the last actions, when something fails
constexpr std::size_t kChecked = 25;         // so often everything is checked at rest
constexpr std::size_t kMostMegabytes = 400;  // that the second half may add

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMeasuresMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kMeasuresMemory = false;  // it keeps what was freed
#else
constexpr bool kMeasuresMemory = true;
#endif
#else
constexpr bool kMeasuresMemory = true;
#endif

std::size_t number_from(const char* variable, std::size_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

// Of this process, in megabytes.
std::size_t resident_memory() {
    std::size_t whole = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> whole >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

class InFolder {
  public:
    explicit InFolder(const std::string& folder) : before_(fs::current_path()) {
        fs::current_path(folder);
    }
    ~InFolder() {
        std::error_code gone;
        fs::current_path(before_, gone);
    }
    InFolder(const InFolder&) = delete;
    InFolder& operator=(const InFolder&) = delete;

  private:
    fs::path before_;
};

void put(const std::string& name, const std::string& bytes) {
    std::ofstream(name, std::ios::binary) << bytes;
}

// Files that open, and more that do not.
std::vector<std::string> make_files() {
    std::string rows;
    for (int i = 0; i < 60; ++i)
        rows += fmt::format("{},{},{}\n", i * 37 % 101, i * 53 % 97, i * 29 % 89);
    put("rows.csv", rows);
    std::string words;
    for (int i = 0; i < 24; ++i)
        words += "The wind fell and the ship lay still. The crew sang of the sea.\n\n";
    put("words.txt", words);
    hsa::Matrix<float> matrix(60, 4, 0.0F);
    for (std::size_t i = 0; i < 60; ++i)
        for (std::size_t a = 0; a < 4; ++a)
            matrix(i, a) = static_cast<float>((i * (a + 3) * 17) % 23);
    const std::string npy = hsa::write_npy(matrix.view());
    put("rows.npy", npy);
    put("half.npy", npy.substr(0, npy.size() / 2));
    put("empty.txt", "");
    put("noise.npz", std::string("PK\x03\x04") + npy.substr(8, 200));
    put("zeros.bin", std::string(300, '\0'));
    put("broken.json", "{\"format\": \"splatscope-splats\", \"version\": 1, \"dimension\": 3, ");
    put("broken.session", "# splatscope-session 1\nset attention.tau nothing\n");
    put("fine.session", "# splatscope-session 1\nopen words.txt\nset theme light\n");
    put("broken.run", "splatscope run" + std::string(64, '\xff'));
    put("picture.png", "\x89PNG\r\n\x1a\n" + std::string(20, 'x'));
    fs::create_directories("folder/inner");
    put("folder/one.txt", "One text in a folder.\n");
    return {"rows.csv",   "words.txt",   "rows.npy",    "half.npy",     "empty.txt",
            "noise.npz",  "zeros.bin",   "broken.json", "fine.session", "broken.session",
            "broken.run", "picture.png", "folder",      "not-there.txt"};
}

const std::vector<ImGuiKey> kKeys = {
    ImGuiKey_Tab,       ImGuiKey_Tab,        ImGuiKey_Enter,      ImGuiKey_Enter,
    ImGuiKey_Escape,    ImGuiKey_Space,      ImGuiKey_UpArrow,    ImGuiKey_DownArrow,
    ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_PageUp,     ImGuiKey_PageDown,
    ImGuiKey_Home,      ImGuiKey_End,        ImGuiKey_Delete,     ImGuiKey_Backspace,
    ImGuiKey_Period,    ImGuiKey_Comma,      ImGuiKey_Equal,      ImGuiKey_Minus,
    ImGuiKey_Slash,     ImGuiKey_0,          ImGuiKey_1,          ImGuiKey_3,
    ImGuiKey_5,         ImGuiKey_7,          ImGuiKey_A,          ImGuiKey_C,
    ImGuiKey_F,         ImGuiKey_H,          ImGuiKey_I,          ImGuiKey_J,
    ImGuiKey_L,         ImGuiKey_O,          ImGuiKey_P,          ImGuiKey_R,
    ImGuiKey_S,         ImGuiKey_V,          ImGuiKey_Y,          ImGuiKey_Z,
    ImGuiKey_F1,        ImGuiKey_F4,         ImGuiKey_F6,         ImGuiKey_F9,
    ImGuiKey_F10,       ImGuiKey_F11,        ImGuiKey_GraveAccent};

// Somebody without a plan before the window.
class Monkey {
  public:
    Monkey(std::uint64_t seed, std::vector<std::string> files)
        : random_{seed, 4711}, files_(std::move(files)) {
        program_.window.set_size({1000, 700});
        views_ = make_views();
        frames(3);
        program_.runner.submit("set compute.memory 0.5");
        program_.runner.submit("open words.txt");
        for (int i = 0; i < 100 && program_.runner.busy(); ++i) frames(1);
    }

    void act(std::size_t number) {
        number_ = number;
        switch (random_.below(24)) {
            case 0:
            case 1:
            case 2:
            case 3: click(anywhere()); break;
            case 4:
            case 5:
            case 6:
            case 7: click(on_something()); break;
            case 8: double_click(); break;
            case 9:
            case 10:
            case 11: drag(); break;
            case 12:
            case 13: wheel(); break;
            case 14: type(); break;
            case 15: drop(); break;
            case 16: resize(); break;
            default: key(); break;
        }
        frames(1);
    }

    // A sentence where something does not hold.
    [[nodiscard]] std::string broken() const {
        const Session& session = program_.runner.session();
        const Timeline& timeline = session.document.timeline;
        if (timeline.cursor < 0 || timeline.cursor > timeline.last)
            return fmt::format("the cursor is at {} of {}", timeline.cursor, timeline.last);
        if (!(session.desk.scale >= 0.75 && session.desk.scale <= 3.0))
            return fmt::format("the scale is {}", session.desk.scale);
        for (const double number :
             {session.desk.map.row_begin, session.desk.map.row_end, session.desk.splats.yaw,
              session.desk.splats.distance, session.desk.text.scroll, session.desk.table.scroll,
              session.desk.timeline.begin, session.desk.timeline.end})
            if (!std::isfinite(number)) return "a number of the desk is not finite";
        for (const auto& view : views_) {
            const Panel& panel = program_.shell.panel(view->id());
            for (const PlacedText& text : panel.drawn.texts)
                if (!std::isfinite(text.place.min.x) || !std::isfinite(text.place.max.y))
                    return view->id() + " writes a text nowhere: " + text.text;
            for (const Hit& hit : panel.drawn.hits)
                if (!std::isfinite(hit.place.min.x) || !std::isfinite(hit.place.max.y))
                    return view->id() + " has a hit nowhere: " + hit.id;
        }
        return {};
    }

    // The same of what is computed, once it is.
    [[nodiscard]] std::string broken_at_rest() {
        // What waits may begin more work: all of it is stopped.
        for (int i = 0; i < 400 && (i < 4 || program_.runner.busy()); ++i) {
            if (i % 20 == 0) program_.runner.submit("cancel");
            frames(1);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        program_.runner.wait_complete();
        frames(2);
        const hsa::Snapshot& snapshot = program_.runner.snapshot();
        const Session& session = program_.runner.session();
        if (snapshot.registry) {
            try {
                hsa::check_invariants(*snapshot.registry);
            } catch (const hsa::Error& error) {
                return error.what();
            }
        }
        if (snapshot.factors && snapshot.dataset && program_.runner.answers_session()) {
            const hsa::Factors& factors = *snapshot.factors;
            if (factors.tokens() != snapshot.dataset->size())
                return fmt::format("there are {} rows for {} tokens", factors.tokens(),
                                   snapshot.dataset->size());
            for (const hsa::Range& range : session.document.selection.tokens)
                if (range.end > factors.tokens() || range.begin >= range.end)
                    return fmt::format("tokens {}:{} of {} are selected", range.begin, range.end,
                                       factors.tokens());
        }
        // What a session file says of it comes back.
        const std::string folder = fs::current_path().string();
        const std::string written = write_session(session, folder);
        try {
            const Session again = read_session(folder + "/any.session", written);
            const std::string twice = write_session(again, folder);
            if (twice != written)
                return "a session file changes when it is read and written:\n" + written +
                       "\n---\n" + twice;
        } catch (const hsa::Error& error) {
            return std::string("its own session file is refused: ") + error.what();
        }
        return {};
    }

    [[nodiscard]] std::string last_actions() const {
        std::string text;
        for (const std::string& action : done_) text += action + "\n";
        return text;
    }

  private:
    void note(const std::string& what) {
        done_.push_back(fmt::format("{}: {}", number_, what));
        if (done_.size() > kShown) done_.pop_front();
        log_ << done_.back() << std::endl;
    }
    void frames(int count) {
        for (int f = 0; f < count; ++f) program_.shell.build_frame(1.0F / 60.0F);
    }
    [[nodiscard]] Vec2 anywhere() {
        const WindowSize size = program_.window.size();
        const auto along = [&](int length) {
            return static_cast<float>(random_.below(static_cast<std::size_t>(length) + 8)) - 4.0F;
        };
        return {along(size.width), along(size.height)};
    }
    // In the middle of what a view says does something.
    [[nodiscard]] Vec2 on_something() {
        const Panel& panel = program_.shell.panel(views_[random_.below(views_.size())]->id());
        const std::vector<Hit>& hits = panel.drawn.hits;
        return hits.empty() ? anywhere() : hits[random_.below(hits.size())].place.centre();
    }
    // Held while something is done: mostly none.
    int hold() {
        const std::size_t chance = random_.below(8);
        const int held = chance == 0   ? ImGuiMod_Shift
                         : chance == 1 ? ImGuiMod_Ctrl
                         : chance == 2 ? ImGuiMod_Shift | ImGuiMod_Ctrl
                         : chance == 3 ? ImGuiMod_Alt
                                       : 0;
        set_held(held, true);
        return held;
    }
    static void set_held(int held, bool down) {
        for (const ImGuiKey modifier : {ImGuiMod_Ctrl, ImGuiMod_Shift, ImGuiMod_Alt})
            if ((held & modifier) != 0) ImGui::GetIO().AddKeyEvent(modifier, down);
    }
    void move_to(Vec2 place) {
        ImGui::GetIO().AddMousePosEvent(place.x, place.y);
        frames(1);
    }
    void button(int which, bool down) {
        ImGui::GetIO().AddMouseButtonEvent(which, down);
        frames(1);
    }
    void click(Vec2 place) {
        const int held = hold();
        const auto which = static_cast<int>(random_.below(8) == 0 ? 1 + random_.below(2) : 0);
        note(fmt::format("click {} at {:.0f} {:.0f}, held {}", which, place.x, place.y, held));
        move_to(place);
        button(which, true);
        button(which, false);
        set_held(held, false);
    }
    void double_click() {
        const Vec2 place = random_.below(2) == 0 ? anywhere() : on_something();
        note(fmt::format("double-click at {:.0f} {:.0f}", place.x, place.y));
        move_to(place);
        for (const bool down : {true, false, true, false}) button(0, down);
    }
    void drag() {
        const Vec2 from = random_.below(2) == 0 ? anywhere() : on_something();
        const Vec2 to = anywhere();
        const int held = hold();
        const auto which = static_cast<int>(random_.below(3));
        note(fmt::format("drag {} from {:.0f} {:.0f} to {:.0f} {:.0f}, held {}", which, from.x,
                         from.y, to.x, to.y, held));
        move_to(from);
        button(which, true);
        move_to({0.5F * (from.x + to.x), 0.5F * (from.y + to.y)});
        move_to(to);
        button(which, false);
        set_held(held, false);
    }
    void wheel() {
        const Vec2 place = anywhere();
        const float steps = static_cast<float>(random_.below(13)) - 6.0F;
        const int held = hold();
        note(fmt::format("wheel {} at {:.0f} {:.0f}, held {}", steps, place.x, place.y, held));
        move_to(place);
        ImGui::GetIO().AddMouseWheelEvent(0.0F, steps);
        frames(1);
        set_held(held, false);
    }
    void key() {
        const int held = hold();
        const ImGuiKey which =
            random_.below(150) == 0 ? ImGuiKey_F12 : kKeys[random_.below(kKeys.size())];
        note(fmt::format("key {}, held {}", ImGui::GetKeyName(which), held));
        ImGui::GetIO().AddKeyEvent(which, true);
        frames(1);
        ImGui::GetIO().AddKeyEvent(which, false);
        set_held(held, false);
    }
    void type() {
        constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz  ..0123456789>=<\"";
        std::string text;
        for (std::size_t i = 0; i < 1 + random_.below(9); ++i)
            text += kLetters[random_.below(kLetters.size())];
        note("type " + text);
        for (const char c : text) ImGui::GetIO().AddInputCharacter(static_cast<unsigned>(c));
        frames(1);
    }
    void drop() {
        std::vector<std::string> dropped = {files_[random_.below(files_.size())]};
        if (random_.below(5) == 0) dropped.push_back(files_[random_.below(files_.size())]);
        const int held = hold();
        note(fmt::format("drop {}{}, held {}", dropped[0],
                         dropped.size() > 1 ? " and " + dropped[1] : "", held));
        program_.window.dropped = std::move(dropped);
        frames(1);
        set_held(held, false);
    }
    void resize() {
        constexpr WindowSize kSizes[] = {{1000, 700}, {1000, 700}, {1000, 700}, {640, 400},
                                         {1280, 720}, {300, 900},  {1, 1},      {0, 0}};
        const WindowSize size = kSizes[random_.below(std::size(kSizes))];
        note(fmt::format("resize to {} x {}", size.width, size.height));
        program_.window.set_size(size);
        frames(1);
    }

    hsa::Random random_;
    std::vector<std::string> files_;
    Program program_;
    std::vector<std::unique_ptr<View>> views_;
    std::deque<std::string> done_;
    std::size_t number_ = 0;
    std::ofstream log_{fs::temp_directory_path() / "splatscope-monkey.log"};
};

}  // namespace

TEST_CASE("whatever is pressed and dropped, the program goes on", "[app][window][monkey]") {
    const io_test::Folder folder;
    const InFolder here(folder.at("."));
    const std::size_t actions = number_from("SPLATSCOPE_MONKEY", 1000);
    const std::size_t seed = number_from("SPLATSCOPE_MONKEY_SEED", 1);
    Monkey monkey(seed, make_files());
    std::size_t memory = 0;
    for (std::size_t a = 0; a < actions; ++a) {
        std::string what;
        try {
            monkey.act(a);
            what = monkey.broken();
            if (what.empty() && a % kChecked == kChecked - 1) what = monkey.broken_at_rest();
        } catch (const std::exception& error) {
            what = std::string("an exception left the frame: ") + error.what();
        }
        if (!what.empty())
            FAIL("seed " << seed << ", action " << a << ": " << what << "\nafter\n"
                         << monkey.last_actions());
        if (a == actions / 2) memory = resident_memory();
    }
    if (kMeasuresMemory) {
        const std::size_t after = resident_memory();
        INFO("from " << memory << " to " << after << " MB");
        CHECK(after <= memory + kMostMegabytes);
    }
}
