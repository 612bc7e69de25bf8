#include "app/window/x11_clipboard.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/png.h"
#include "tests/catch.h"
#include "tests/ui/ui_case.h"

#include <imgui.h>

#if __has_include(<xcb/xcb.h>)
#include <xcb/xcb.h>
#endif

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

// The sheet that composes pictures, and the clipboard.

namespace splatscope::tests {
namespace {

class PictureFolder {
  public:
    PictureFolder() : before_(std::filesystem::current_path()) {
        std::string name = (std::filesystem::temp_directory_path() / "ui_pics_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw Failed("there is no folder for files");
        folder_ = name;
        std::filesystem::current_path(folder_);
    }
    ~PictureFolder() {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }
    PictureFolder(const PictureFolder&) = delete;
    PictureFolder& operator=(const PictureFolder&) = delete;

  private:
    std::filesystem::path before_, folder_;
};

TEST_CASE("the sheet composes the line that makes the picture, and shows it", "[ui]") {
    const PictureFolder folder;
    TestedWindow window;
    window.carry_out("open sample:creatures");
    const auto opened = [](User& user) {
        user.point_at({2.0F, 2.0F});  // no view is under the pointer
        user.press(ImGuiMod_Ctrl | ImGuiKey_E);
    };
    check_case(
        window,
        {"Ctrl+E opens it", "window.export", {}, opened, [](User& user) {
             User::expect(user.shows_window("Export a picture"), "the sheet is not there");
             User::expect(user.tested().shell().sheet().line() ==
                              "view.export window splatscope-window-1.png 1600x1000",
                          "it begins with " + user.tested().shell().sheet().line());
             const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
             while (user.tested().shell().sheet().waits() && std::chrono::steady_clock::now() < end)
                 user.draw_frames(1);
             User::expect(!user.tested().shell().sheet().waits(),
                          "the preview does not come to rest");
         }});
    check_case(
        window,
        {"Export writes what was chosen",
         "view.export",
         {},
         [](User& user) {
             if (!user.shows_window("Export a picture")) user.press(ImGuiMod_Ctrl | ImGuiKey_E);
             user.click_item("//Export a picture/View");
             user.click_item("//$FOCUSED/Attention map");
             user.click_item("//Export a picture/Background");
             user.click_item("//$FOCUSED/$$1/white");
             user.click_item("//Export a picture/Finer");
             user.click_item("//$FOCUSED/$$1/x2");
             if (user.tested().shell().sheet().line().find("without") == std::string::npos)
                 user.click_item("//Export a picture/Legend");
             user.draw_frames(3);
             User::expect(user.tested().shell().sheet().line() ==
                              "view.export map splatscope-map-1.png 1600x1200 x2 background white "
                              "without legend",
                          "it says " + user.tested().shell().sheet().line());
             user.click_item("//Export a picture/Export");
         },
         [](User&) {
             const std::string path = "splatscope-map-1.png";
             User::expect(std::filesystem::exists(path), "there is no picture");
             const hsa::PngImage image = hsa::read_png(path, hsa::read_file(path));
             User::expect(image.width == 3200 && image.height == 2400, "it has another size");
             User::expect(image.rgba[0] == 255 && image.rgba[1] == 255 && image.rgba[2] == 255,
                          "it is not on white");
         }});
    check_case(window, {"the key copies the window",
                        "view.copy_picture",
                        {},
                        [](User& user) {
                            user.press(ImGuiKey_Escape);
                            user.point_at({2.0F, 2.0F});
                            user.press(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_C);
                        },
                        [](User& user) {
                            const std::string png = user.tested().window().clipboard_picture();
                            User::expect(!png.empty(), "nothing was copied");
                            User::expect(hsa::read_png("", png).width == 1600,
                                         "another picture was copied");
                        }});
}

TEST_CASE("the sheet begins with what was chosen last, as settings that are kept", "[ui]") {
    const PictureFolder folder;
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.carry_out("set picture.dpi 600");  // by another way than the sheet
    check_case(window, {"the sheet sets what is chosen",
                        "set",
                        {"reset picture.unit", "reset picture.background", "reset picture.format"},
                        [](User& user) {
                            user.point_at({2.0F, 2.0F});
                            if (!user.shows_window("Export a picture"))
                                user.press(ImGuiMod_Ctrl | ImGuiKey_E);
                            user.click_item("//Export a picture/View");
                            user.click_item("//$FOCUSED/Attention map");
                            user.click_item("//Export a picture/mm on paper");
                            user.click_item("//Export a picture/Background");
                            user.click_item("//$FOCUSED/$$2/transparent");
                            user.click_item("//Export a picture/Format");
                            user.click_item("//$FOCUSED/$$1/SVG");
                            user.draw_frames(3);
                            user.press(ImGuiKey_Escape);
                        },
                        [](User& user) {
                            const PictureDesk& kept = user.session().desk.picture;
                            User::expect(kept.unit == PictureUnit::mm &&
                                             kept.background == Ground::transparent &&
                                             kept.format == PictureFormat::svg && kept.dpi == 600,
                                         "the session does not have what was chosen");
                        }});
    check_case(window, {"and begins with it",
                        "window.export",
                        {},
                        [](User& user) {
                            user.point_at(user.place_of("tree").centre());
                            user.press(ImGuiMod_Ctrl | ImGuiKey_E);
                        },
                        [](User& user) {
                            const std::string line = user.tested().shell().sheet().line();
                            User::expect(line ==
                                             "view.export tree splatscope-tree-1.svg mm 120x80 dpi "
                                             "600 background transparent",
                                         "it begins with " + line);
                            user.press(ImGuiKey_Escape);
                        }});
}

#if __has_include(<xcb/xcb.h>)

struct FreeReply {
    void operator()(void* reply) const { std::free(reply); }
};

// Another program that pastes: the bytes of the clipboard as image/png.
std::string pasted() {
    xcb_connection_t* x = xcb_connect(nullptr, nullptr);
    const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(x)).data;
    const xcb_window_t window = xcb_generate_id(x);
    const std::uint32_t events = XCB_EVENT_MASK_PROPERTY_CHANGE;
    xcb_create_window(x, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, 1, 1, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual, XCB_CW_EVENT_MASK,
                      &events);
    const auto atom = [&](const char* name) {
        const std::unique_ptr<xcb_intern_atom_reply_t, FreeReply> reply(xcb_intern_atom_reply(
            x, xcb_intern_atom(x, 0, static_cast<std::uint16_t>(std::strlen(name)), name),
            nullptr));
        return reply->atom;
    };
    const xcb_atom_t place = atom("PASTED"), pieces = atom("INCR");
    xcb_convert_selection(x, window, atom("CLIPBOARD"), atom("image/png"), place, XCB_CURRENT_TIME);
    xcb_flush(x);
    std::string bytes;
    bool in_pieces = false, done = false;
    const auto take = [&] {
        const std::unique_ptr<xcb_get_property_reply_t, FreeReply> reply(xcb_get_property_reply(
            x, xcb_get_property(x, 1, window, place, XCB_GET_PROPERTY_TYPE_ANY, 0, 1U << 28U),
            nullptr));
        if (!reply) return;
        if (reply->type == pieces) {
            in_pieces = true;
            return;
        }
        const auto size = static_cast<std::size_t>(xcb_get_property_value_length(reply.get()));
        bytes.append(static_cast<const char*>(xcb_get_property_value(reply.get())), size);
        done = !in_pieces || size == 0;
    };
    while (!done) {
        const std::unique_ptr<xcb_generic_event_t, FreeReply> event(xcb_wait_for_event(x));
        if (!event) break;
        const int kind = event->response_type & 0x7f;
        if (kind == XCB_SELECTION_NOTIFY) {
            const auto* told = reinterpret_cast<const xcb_selection_notify_event_t*>(event.get());
            if (told->property == XCB_ATOM_NONE) break;
            take();
        } else if (kind == XCB_PROPERTY_NOTIFY && in_pieces) {
            const auto* told = reinterpret_cast<const xcb_property_notify_event_t*>(event.get());
            if (told->state == XCB_PROPERTY_NEW_VALUE && told->atom == place) take();
        }
        xcb_flush(x);
    }
    xcb_disconnect(x);
    return bytes;
}

TEST_CASE("other programs paste the picture, small or in pieces", "[ui]") {
    if (!has_display()) return;
    const auto window = make_desktop_window("Splatscope", {640, 400});
    for (const std::size_t size : {std::size_t{1000}, std::size_t{1} << 20U}) {
        INFO(size);
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 % 251);
        window->set_clipboard_picture(bytes);
        CHECK(pasted() == bytes);
        CHECK(window->clipboard_picture() == bytes);
    }
    window->set_clipboard("words");
    window->take_events(0.0);
    for (int i = 0; i < 200 && !window->clipboard_picture().empty(); ++i) window->take_events(0.01);
    CHECK(window->clipboard_picture().empty());
}

// A program that asks for the picture, is told that it comes in pieces, and closes.
void paste_and_close() {
    xcb_connection_t* x = xcb_connect(nullptr, nullptr);
    const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(x)).data;
    const xcb_window_t window = xcb_generate_id(x);
    xcb_create_window(x, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, 1, 1, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual, 0, nullptr);
    const auto atom = [&](const char* name) {
        const std::unique_ptr<xcb_intern_atom_reply_t, FreeReply> reply(xcb_intern_atom_reply(
            x, xcb_intern_atom(x, 0, static_cast<std::uint16_t>(std::strlen(name)), name),
            nullptr));
        return reply->atom;
    };
    xcb_convert_selection(x, window, atom("CLIPBOARD"), atom("image/png"), atom("PASTED"),
                          XCB_CURRENT_TIME);
    xcb_flush(x);
    for (;;) {
        const std::unique_ptr<xcb_generic_event_t, FreeReply> event(xcb_wait_for_event(x));
        if (!event || (event->response_type & 0x7f) == XCB_SELECTION_NOTIFY) break;
    }
    xcb_disconnect(x);  // which takes the window with it
}

TEST_CASE("a program that closes while it pastes leaves nothing behind", "[ui]") {
    if (!has_display()) return;
    X11Clipboard clipboard;
    clipboard.own(std::string(std::size_t{1} << 20U, 'x'));
    for (int time = 0; time < 3; ++time) paste_and_close();
    for (int i = 0; i < 400 && clipboard.transfers() > 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(clipboard.transfers() == 0);
    CHECK(pasted() == clipboard.owned());
}

#endif

}  // namespace
}  // namespace splatscope::tests
