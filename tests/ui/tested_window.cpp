#include "tests/ui/tested_window.h"

#include "engine/core/error.h"
#include "tests/ui/user.h"

#include <imgui.h>
#include <imgui_te_context.h>
#include <imgui_te_engine.h>

#include <cfloat>

namespace splatscope::tests {
namespace {

constexpr float kFrameSeconds = 1.0F / 60.0F;
constexpr double kWait = 0.01;    // for the lanes, between frames
constexpr int kFramesShown = 32;  // one of so many is shown

std::unique_ptr<Window> make_window(WindowSize size) {
    if (has_display()) return make_desktop_window("Splatscope", size);
    return make_offscreen_window(size);
}

}  // namespace

TestedWindow::TestedWindow(WindowSize size, std::vector<hsa::BackendEntry> offered,
                           const Profile* profile)
    : window_(make_window(size)) {
    Runner::Options options;
    options.offered = std::move(offered);
    options.on_news = [this] { window_->wake(); };
    options.quit = [this] { shell_->quit(); };
    options.export_view = [this](const PictureAsked& asked) { shell_->export_view(asked); };
    options.picture = [this](const PictureAsked& asked) { return shell_->pixels(asked); };
    options.accepts = [this](const std::string& line) {
        return disconnected_.empty() || line.substr(0, line.find(' ')) != disconnected_;
    };
    runner_ = std::make_unique<Runner>(std::move(options));
    shell_ = std::make_unique<Shell>(*window_, *runner_, false, profile);
    for (const std::unique_ptr<View>& view : make_views()) view_ids_.push_back(view->id());
    engine_ = ImGuiTestEngine_CreateContext();
    ImGuiTestEngineIO& io = ImGuiTestEngine_GetIO(engine_);
    io.ConfigSavedSettings = false;
    io.ConfigRunSpeed = ImGuiTestRunSpeed_Fast;
    io.ConfigMouseDrawCursor = false;
    io.ConfigCaptureEnabled = false;
    io.ConfigRestoreFocusAfterTests = false;
    io.ConfigVerboseLevel = ImGuiTestVerboseLevel_Error;
    io.ConfigVerboseLevelOnError = ImGuiTestVerboseLevel_Error;
    io.ConfigWatchdogWarning = io.ConfigWatchdogKillTest = FLT_MAX;  // ctest has its own limit
    ImGuiTestEngine_Start(engine_, ImGui::GetCurrentContext());
}

TestedWindow::~TestedWindow() {
    ImGuiTestEngine_Stop(engine_);
    shell_.reset();  // with it the context of Dear ImGui, which the engine must outlive
    ImGuiTestEngine_DestroyContext(engine_);
}

void TestedWindow::draw_frame() {
    // Drawing and showing every frame of a click would take a software renderer minutes.
    if (runner_->busy() || !what_moves().empty() || frames_++ % kFramesShown != 0) {
        window_->take_events(runner_->busy() ? kWait : 0.0);
        window_->make_current();
        runner_->set_now(runner_->now() + static_cast<double>(kFrameSeconds));  // as frame() does
        shell_->build_frame(kFrameSeconds);
    } else {
        window_->wake();
        (void)shell_->frame();
    }
    ImGuiTestEngine_PostSwap(engine_);
}

void TestedWindow::use(const std::function<void(User&)>& body) {
    std::exception_ptr failure;
    ImGuiTest* test = IM_REGISTER_TEST(engine_, "ui", "use");
    test->TestFunc = [&](ImGuiTestContext* context) {
        try {
            User user(*context, *this);
            body(user);
        } catch (...) {
            failure = std::current_exception();
        }
    };
    ImGuiTestEngine_QueueTest(engine_, test);
    do draw_frame();
    while (!ImGuiTestEngine_IsTestQueueEmpty(engine_));
    ImGuiTestEngine_UnregisterTest(engine_, test);
    if (failure) std::rethrow_exception(failure);
}

std::string TestedWindow::what_moves() const {
    if (runner_->busy()) return "the lines or the work lane";
    const Document& document = runner_->session().document;
    const hsa::LookResult& look = runner_->look();
    if (!document.sources.empty() &&
        (look.of != runner_->snapshot_pointer() || !(look.selection == document.selection) ||
         !(look.attention == document.attention)))
        return "the look lane";
    for (const std::string& id : view_ids_) {
        const Drawn& drawn = shell_->panel(id).drawn;
        if (drawn.waiting) return id + ", which waits";
        if (drawn.animating) return id + ", which moves";
    }
    return "";
}

void TestedWindow::carry_out(const std::string& line) {
    const Outcome outcome = runner_->run(line);
    if (!outcome.error.empty()) hsa::fail("{}: {}", line, outcome.error);
    runner_->wait_complete();
}

}  // namespace splatscope::tests
