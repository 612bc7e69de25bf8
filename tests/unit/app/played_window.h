#pragma once

#include "app/profile.h"
#include "app/runner.h"
#include "app/shell.h"
#include "app/window/window.h"

#include <imgui.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

// A window without a display on which a test drops files and which knows whether it is full.
class PlayedWindow : public Window {
  public:
    void make_current() override { inside_->make_current(); }
    [[nodiscard]] WindowSize size() const override { return inside_->size(); }
    void set_size(WindowSize size) override { inside_->set_size(size); }
    [[nodiscard]] WindowSize framebuffer_size() const override {
        return inside_->framebuffer_size();
    }
    bool take_events(double) override { return happens; }
    void wake() override {}
    void present() override { ++presented; }
    [[nodiscard]] bool should_close() const override { return false; }
    void set_title(const std::string&) override {}
    void set_full_screen(bool full) override { full_ = full; }
    [[nodiscard]] bool is_full_screen() const override { return full_; }
    [[nodiscard]] std::vector<std::string> take_dropped_files() override {
        return std::exchange(dropped, {});
    }
    [[nodiscard]] std::string clipboard() const override { return copied; }
    void set_clipboard(const std::string& text) override { copied = text; }
    void set_clipboard_picture(std::string png) override { picture = std::move(png); }
    [[nodiscard]] std::string clipboard_picture() const override { return picture; }
    [[nodiscard]] float content_scale() const override { return density; }

    bool happens = true;  // something, whenever events are taken
    int presented = 0;    // frames
    float density = 1.0F;
    std::vector<std::string> dropped;
    std::string copied;
    std::string picture;

  private:
    std::unique_ptr<Window> inside_ = make_offscreen_window({800, 600});
    bool full_ = false;
};

// The program whole in such a window.
struct Program {
    // `desktop`: sizes and fonts of the desktop count.
    explicit Program(bool desktop = false, const Profile* profile = nullptr)
        : shell(window, runner, desktop, profile) {}

    PlayedWindow window;
    Runner runner{options()};
    Shell shell;

    // Builds a frame without showing it.
    void frame() { shell.build_frame(1.0F / 60.0F); }

    // Frames until nothing is on its way any more.
    void frames() {
        for (int i = 0; i < 3; ++i) frame();
        for (int i = 0; i < 2000 && runner.busy(); ++i) {
            frame();
            if (!runner.complete()) runner.wait_complete();
        }
        frame();
    }
    void press(ImGuiKeyChord chord) {
        ImGuiIO& io = ImGui::GetIO();
        const auto send = [&](bool down) {
            for (const ImGuiKey modifier : {ImGuiMod_Ctrl, ImGuiMod_Shift, ImGuiMod_Alt})
                if ((chord & modifier) != 0) io.AddKeyEvent(modifier, down);
            io.AddKeyEvent(static_cast<ImGuiKey>(chord & ~ImGuiMod_Mask_), down);
            for (int i = 0; i < 2; ++i) frame();
        };
        send(true);
        send(false);
        frames();
    }
    void drop(const std::string& path) {
        window.dropped = {path};
        frames();
    }
    [[nodiscard]] std::vector<std::string> open() const {
        std::vector<std::string> paths;
        for (const hsa::Source& source : runner.session().document.sources)
            paths.push_back(source.path);
        return paths;
    }
    [[nodiscard]] bool was_told(const std::string& words) const {
        for (const Message& message : shell.messages())
            if (message.text.find(words) != std::string::npos) return true;
        return false;
    }

  private:
    [[nodiscard]] Runner::Options options() {
        Runner::Options given;
        given.export_view = [this](const PictureAsked& asked) { shell.export_view(asked); };
        return given;
    }
};

}  // namespace splatscope
