#include "app/shell.h"

#include "app/commands/table.h"
#include "app/widgets/fonts.h"
#include "app/widgets/style.h"
#include "engine/core/error.h"

#include <epoxy/gl.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace splatscope {
namespace {

constexpr double kIdleWait = 0.5;  // seconds between two looks when nothing moves
constexpr double kBusyWait = 0.033;
constexpr double kRestAfter = 1.0;  // tooltips come, and tabs settle, a while after the last event
constexpr double kMessageSeconds = 8.0;
constexpr double kErrorSeconds = 30.0;  // the log keeps it
constexpr float kLongestFrame = 10.0F;  // a machine that slept

bool is_over(const Message& message, double now) {
    return now - message.at > (message.is_error ? kErrorSeconds : kMessageSeconds);
}

}  // namespace

Shell::Shell(Window& window, Runner& runner, bool desktop, const Profile* profile, Role role)
    : window_(window),
      runner_(runner),
      desktop_(desktop),
      profile_(profile),
      role_(role),
      files_(runner, profile, desktop, textures_,
             [this](const std::string& text, bool is_error) { say(text, is_error); }),
      sheets_(runner),
      sheet_(window, runner, desktop) {
    window_.make_current();
    IMGUI_CHECKVERSION();
    context_ = ImGui::CreateContext();
    ImGui::SetCurrentContext(context_);
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigFlags |= ImGuiConfigFlags_DockingEnable | ImGuiConfigFlags_NavEnableKeyboard;
    io.IniFilename = nullptr;  // the layout is part of the session
    io.LogFilename = nullptr;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
    if (window_.glfw() != nullptr && role_ == Role::window)
        ImGui_ImplGlfw_InitForOpenGL(window_.glfw(), true);
    ImGui_ImplOpenGL3_Init("#version 330 core");
    load_fonts(desktop);
    if (role_ == Role::window)
        runner_.set_window(
            [this](WindowAction action) { act(action); },
            [this](const std::string& text) { window_.set_clipboard(text); },
            [this](std::string png) { window_.set_clipboard_picture(std::move(png)); });
    for (std::unique_ptr<View>& view : make_views()) {
        panels_.emplace_back();
        panels_.back().view = std::move(view);
    }
    read_keys_file(false);
    std::stable_sort(panels_.begin(), panels_.end(), [](const Panel& a, const Panel& b) {
        return a.view->place() < b.view->place() ||
               (a.view->place() == b.view->place() &&
                (a.view->id() == "timeline") > (b.view->id() == "timeline"));
    });
}

Shell::~Shell() {
    ImGuiContext* other = ImGui::GetCurrentContext();
    if (role_ == Role::window) {
        runner_.set_window({});
        if (profile_ != nullptr) take_layout();
        files_.close();
    }
    window_.make_current();
    sheet_.release();
    ImGui::SetCurrentContext(context_);
    panels_.clear();
    textures_ = {};
    ImGui_ImplOpenGL3_Shutdown();
    if (window_.glfw() != nullptr && role_ == Role::window) ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext(context_);
    if (other != context_) ImGui::SetCurrentContext(other);
}

const Panel& Shell::panel(const std::string& id) const {
    for (const Panel& panel : panels_)
        if (panel.view->id() == id) return panel;
    std::string known = "window";
    for (const Panel& panel : panels_) known += ", " + panel.view->id();
    hsa::fail_usage("There is no view '{}': there are {}.", id, known);
}

void Shell::say(const std::string& text, bool is_error) {
    messages_.push_back({text, is_error, time_});
    sheets_.note(text, is_error);
    if (messages_.size() > 100) messages_.erase(messages_.begin());
}

void Shell::take_outcomes() {
    for (const Outcome& outcome : runner_.poll()) {
        if (!outcome.error.empty()) say(outcome.error, true);
        else if (!files_.take(outcome) && !outcome.output.empty()) say(outcome.output, false);
    }
}

ViewContext Shell::context(const Panel* panel) const {
    const Session& session = runner_.session();
    // A gesture shows what it would do everywhere but where it is made, and never in a picture.
    const hsa::Snapshot* const preview =
        exporting_ || panel == nullptr || !panel->drawn.preview.empty() ? nullptr
                                                                        : runner_.preview();
    return {session,
            preview != nullptr ? *preview : runner_.snapshot(),
            runner_.look(),
            colours(),
            ImGui::GetIO().DisplayFramebufferScale.x * ImGui::GetStyle().FontScaleMain,
            exporting_,
            transparent_,
            runner_.now(),
            &runner_.other()};
}

const Theme& Shell::colours() const {
    return on_white_ ? paper_theme() : theme(runner_.session().desk.theme);
}

// Asks the look lane for what the views of the last frame wanted; of several pictures of one part a
// view shows the last, which is to be its own.
void Shell::look_for_views() {
    hsa::Wanted wanted = sheet_.wanted();
    std::string preview;
    for (const Panel& panel : panels_) {
        add_wanted(panel.drawn, wanted);
        if (!panel.drawn.preview.empty()) preview = panel.drawn.preview;
    }
    if (!runner_.want(wanted, preview)) awaits_ = true;
}

void Shell::build_frame(float seconds) {
    ImGui::SetCurrentContext(context_);
    time_ += static_cast<double>(seconds);
    files_.take_dropped(window_.take_dropped_files(), ImGui::GetIO().KeyShift);
    take_outcomes();
    // A window that is minimised on some desktops: nothing is laid out anew for it.
    if (window_.size().width <= 0 || window_.size().height <= 0) return;
    if (sheet_.is_open() && sheet_.shows_window()) take_layout();
    sheet_.draw_preview();
    ImGui::SetCurrentContext(context_);
    ImGuiIO& io = ImGui::GetIO();
    if (window_.glfw() != nullptr) {
        ImGui_ImplGlfw_NewFrame();
        // Rest is no time in which a pointer hovered.
        io.DeltaTime = std::min(io.DeltaTime, static_cast<float>(kIdleWait));
    } else {
        const WindowSize size = window_.size();
        io.DisplaySize = {static_cast<float>(size.width), static_cast<float>(size.height)};
        io.DeltaTime = std::max(seconds, 1e-4F);
    }
    ImGui_ImplOpenGL3_NewFrame();
    const Desk& desk = runner_.session().desk;
    const float density = desktop_ ? window_.content_scale() : 1.0F;
    apply_style(theme(desk.theme), static_cast<float>(desk.scale) * density);
    ImGui::NewFrame();
    textures_.next_frame();
    animating_ = awaits_ = false;
    next_frame_ = 0.0;
    take_keys();
    draw_menu();
    draw_status();
    draw_dock_space();
    focused_.clear();
    for (Panel& panel : panels_) draw_panel(panel);
    to_focus_.clear();
    draw_welcome();
    draw_palette();
    draw_keys_sheet();
    sheets_.draw();
    sheet_.draw();
    if (sheet_.waits()) animating_ = true;
    files_.draw(to_above_);
    const bool asks = files_.asks_about_crash() || runner_.session().document.sources.empty();
    if (std::exchange(to_above_, false) && asks) ImGui::SetNavCursorVisible(true);
    if (std::exchange(to_menu_, false)) give_keys_to_menu();
    look_for_views();
    ImGui::Render();
    files_.keep_safe(time_);
}

// A lane wakes the window when it has something.
double Shell::seconds_to_wait() const {
    if (animating_) return 0.0;
    double wait = runner_.busy() || awaits_ ? kBusyWait : kIdleWait;
    if (next_frame_ > 0.0) wait = std::min(wait, next_frame_);
    return playing_ && runner_.complete() ? std::clamp(next_play_ - time_, 0.0, wait) : wait;
}

// Whether another frame would show the same as the last.
bool Shell::stands_still() const {
    const ImGuiIO& io = ImGui::GetIO();
    const bool fades = std::any_of(messages_.begin(), messages_.end(),
                                   [&](const Message& message) { return is_over(message, time_); });
    // The caret of a text field blinks; a dialog of the desktop is asked whether it has ended.
    return !quit_ && !animating_ && !playing_ && !awaits_ && !runner_.busy() && !fades &&
           !io.WantTextInput && !files_.is_asking() && !sheet_.is_asking() && fresh_layout_ == 0 &&
           time_ - changed_at_ > kRestAfter &&
           (next_frame_ <= 0.0 || time_ - drawn_at_ < next_frame_);
}

bool Shell::frame() {
    const bool happened = window_.take_events(seconds_to_wait());
    if (window_.should_close()) quit_ = true;
    window_.make_current();
    // Without a desktop each frame lasts as long as the next, so that everything repeats.
    const auto now = Clock::now();
    const float since = std::chrono::duration<float>(now - last_frame_).count();
    const float passed = desktop_ ? std::min(since, kLongestFrame) : 1.0F / 60.0F;
    last_frame_ = now;
    ImGui::SetCurrentContext(context_);
    if (happened) changed_at_ = time_;
    if (stands_still()) {
        time_ += static_cast<double>(passed);
        files_.keep_safe(time_);
        return true;
    }
    runner_.set_now(time_);
    std::erase_if(messages_, [this](const Message& message) { return is_over(message, time_); });
    build_frame(passed);
    drawn_at_ = time_;
    if (profile_ != nullptr && ImGui::GetIO().WantSaveIniSettings) take_layout();
    const WindowSize size = window_.framebuffer_size();
    if (size.width <= 0 || size.height <= 0) {  // nothing is seen until that changes
        animating_ = awaits_ = false;
        return !quit_;
    }
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(0, 0, size.width, size.height);
    const Colour back = colours().background;
    glClearColor(static_cast<float>(back.r) / 255.0F, static_cast<float>(back.g) / 255.0F,
                 static_cast<float>(back.b) / 255.0F, 1.0F);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    window_.present();
    return !quit_;
}

}  // namespace splatscope
