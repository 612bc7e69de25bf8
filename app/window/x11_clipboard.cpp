#include "app/window/x11_clipboard.h"

#include "engine/core/error.h"

#ifdef SPLATSCOPE_XCB

#include <xcb/xcb.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>

namespace splatscope {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18U;  // bytes at once

struct Free {
    void operator()(void* memory) const { std::free(memory); }
};
using Event = std::unique_ptr<xcb_generic_event_t, Free>;

// A picture on its way in pieces: the next one follows when the one before was taken.
struct Transfer {
    xcb_window_t to = 0;
    xcb_atom_t property = 0;
    std::shared_ptr<const std::string> bytes;
    std::size_t sent = 0;
};

}  // namespace

struct X11Clipboard::Client {
    Client() {
        connection = xcb_connect(nullptr, nullptr);
        if (xcb_connection_has_error(connection) != 0) {
            xcb_disconnect(connection);
            hsa::fail("The picture cannot be copied: no X server answers.");
        }
        const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(connection)).data;
        window = xcb_generate_id(connection);
        const std::array<std::uint32_t, 1> events = {XCB_EVENT_MASK_PROPERTY_CHANGE};
        xcb_create_window(connection, XCB_COPY_FROM_PARENT, window, screen->root, 0, 0, 1, 1, 0,
                          XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual, XCB_CW_EVENT_MASK,
                          events.data());
        clipboard = atom("CLIPBOARD");
        targets = atom("TARGETS");
        timestamp = atom("TIMESTAMP");
        incremental = atom("INCR");
        png = atom("image/png");
        own_property = atom("SPLATSCOPE_CLIPBOARD");
        thread = std::thread([this] { serve(); });
    }
    ~Client() {
        // Its own message ends the thread.
        xcb_client_message_event_t end{};
        end.response_type = XCB_CLIENT_MESSAGE;
        end.format = 32;
        end.window = window;
        end.type = own_property;
        send(window, XCB_EVENT_MASK_NO_EVENT, end);
        thread.join();
        xcb_disconnect(connection);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    xcb_atom_t atom(std::string_view name) const {
        const std::unique_ptr<xcb_intern_atom_reply_t, Free> reply(xcb_intern_atom_reply(
            connection,
            xcb_intern_atom(connection, 0, static_cast<std::uint16_t>(name.size()), name.data()),
            nullptr));
        return reply ? reply->atom : static_cast<xcb_atom_t>(XCB_ATOM_NONE);
    }

    template <class Message>
    void send(xcb_window_t to, std::uint32_t mask, const Message& message) const {
        std::array<char, 32> bytes{};  // what the server sends is always as long
        std::memcpy(bytes.data(), &message, sizeof message);
        xcb_send_event(connection, 0, to, mask, bytes.data());
        xcb_flush(connection);
    }

    // The server's own time is what an owner must name: a change of a property tells it.
    bool take(std::shared_ptr<const std::string> bytes) {
        std::unique_lock lock(mutex);
        asked = std::move(bytes);
        answered = false;
        xcb_change_property(connection, XCB_PROP_MODE_REPLACE, window, own_property,
                            XCB_ATOM_INTEGER, 32, 0, nullptr);
        xcb_flush(connection);
        return arrived.wait_for(lock, std::chrono::seconds(2), [this] { return answered; }) &&
               owned != nullptr;
    }

    void serve() {
        for (;;) {
            const Event event(xcb_wait_for_event(connection));
            if (!event) return;  // the server is gone
            switch (event->response_type & 0x7f) {
                case XCB_CLIENT_MESSAGE:
                    if (reinterpret_cast<const xcb_client_message_event_t*>(event.get())->type ==
                        own_property)
                        return;
                    break;
                case XCB_PROPERTY_NOTIFY:
                    property_changed(
                        *reinterpret_cast<const xcb_property_notify_event_t*>(event.get()));
                    break;
                case XCB_DESTROY_NOTIFY: {
                    const xcb_window_t gone =
                        reinterpret_cast<const xcb_destroy_notify_event_t*>(event.get())->window;
                    std::erase_if(transfers, [&](const Transfer& one) { return one.to == gone; });
                    going = transfers.size();
                    break;
                }
                case XCB_SELECTION_CLEAR: {
                    const std::lock_guard lock(mutex);
                    owned.reset();
                    break;
                }
                case XCB_SELECTION_REQUEST:
                    answer(*reinterpret_cast<const xcb_selection_request_event_t*>(event.get()));
                    break;
                default: break;
            }
        }
    }

    void property_changed(const xcb_property_notify_event_t& event) {
        if (event.window == window && event.atom == own_property) {
            const std::lock_guard lock(mutex);
            if (!asked) return;
            xcb_set_selection_owner(connection, window, clipboard, event.time);
            const std::unique_ptr<xcb_get_selection_owner_reply_t, Free> owner(
                xcb_get_selection_owner_reply(
                    connection, xcb_get_selection_owner(connection, clipboard), nullptr));
            owned = owner && owner->owner == window ? asked : nullptr;
            since = event.time;
            asked.reset();
            answered = true;
            arrived.notify_all();
            return;
        }
        if (event.state != XCB_PROPERTY_DELETE) return;
        const auto place =
            std::find_if(transfers.begin(), transfers.end(), [&](const Transfer& one) {
                return one.to == event.window && one.property == event.atom;
            });
        if (place == transfers.end()) return;
        const std::size_t size = std::min(kPiece, place->bytes->size() - place->sent);
        // A piece without bytes says that it was the last.
        put(place->to, place->property, png, place->bytes->data() + place->sent, size);
        place->sent += size;
        if (size == 0) transfers.erase(place);
        going = transfers.size();
    }

    void put(xcb_window_t to, xcb_atom_t property, xcb_atom_t type, const char* bytes,
             std::size_t size) const {
        xcb_change_property(connection, XCB_PROP_MODE_REPLACE, to, property, type, 8,
                            static_cast<std::uint32_t>(size), bytes);
        xcb_flush(connection);
    }

    void answer(const xcb_selection_request_event_t& request) {
        std::shared_ptr<const std::string> bytes;
        std::uint32_t begun = 0;
        {
            const std::lock_guard lock(mutex);
            bytes = owned;
            begun = since;
        }
        xcb_selection_notify_event_t told{};
        told.response_type = XCB_SELECTION_NOTIFY;
        told.time = request.time;
        told.requestor = request.requestor;
        told.selection = request.selection;
        told.target = request.target;
        // Who is older than the rules names no property.
        const xcb_atom_t property =
            request.property != XCB_ATOM_NONE ? request.property : request.target;
        told.property = property;
        if (!bytes || request.selection != clipboard) {
            told.property = XCB_ATOM_NONE;
        } else if (request.target == targets) {
            const std::array<xcb_atom_t, 3> known = {targets, timestamp, png};
            xcb_change_property(connection, XCB_PROP_MODE_REPLACE, request.requestor, property,
                                XCB_ATOM_ATOM, 32, static_cast<std::uint32_t>(known.size()),
                                known.data());
        } else if (request.target == timestamp) {
            xcb_change_property(connection, XCB_PROP_MODE_REPLACE, request.requestor, property,
                                XCB_ATOM_INTEGER, 32, 1, &begun);
        } else if (request.target == png && bytes->size() <= kPiece) {
            put(request.requestor, property, png, bytes->data(), bytes->size());
        } else if (request.target == png) {
            // Who closes in the middle takes no more pieces: its picture is let go.
            const std::array<std::uint32_t, 1> events = {XCB_EVENT_MASK_PROPERTY_CHANGE |
                                                         XCB_EVENT_MASK_STRUCTURE_NOTIFY};
            xcb_change_window_attributes(connection, request.requestor, XCB_CW_EVENT_MASK,
                                         events.data());
            const auto size = static_cast<std::uint32_t>(bytes->size());
            xcb_change_property(connection, XCB_PROP_MODE_REPLACE, request.requestor, property,
                                incremental, 32, 1, &size);
            // One that was left in the middle must not answer for this one.
            transfers.remove_if([&](const Transfer& old) {
                return old.to == request.requestor && old.property == property;
            });
            transfers.push_back({request.requestor, property, bytes, 0});
            going = transfers.size();
        } else {
            told.property = XCB_ATOM_NONE;
        }
        send(request.requestor, XCB_EVENT_MASK_NO_EVENT, told);
    }

    xcb_connection_t* connection = nullptr;
    xcb_window_t window = 0;
    xcb_atom_t clipboard = 0, targets = 0, timestamp = 0, incremental = 0, png = 0,
               own_property = 0;
    std::list<Transfer> transfers;       // of the thread alone ...
    std::atomic<std::size_t> going = 0;  // ... and how many there are
    mutable std::mutex mutex;            // guards the five below
    std::condition_variable arrived;
    std::shared_ptr<const std::string> asked;
    std::shared_ptr<const std::string> owned;
    bool answered = false;
    std::uint32_t since = 0;
    std::thread thread;
};

X11Clipboard::X11Clipboard() : client_(std::make_unique<Client>()) {}
X11Clipboard::~X11Clipboard() = default;

void X11Clipboard::own(std::string png) {
    if (!client_->take(std::make_shared<const std::string>(std::move(png))))
        hsa::fail(
            "The picture was not copied: the desktop gave the clipboard to another program. "
            "Try again.");
}

std::size_t X11Clipboard::transfers() const { return client_->going; }

std::string X11Clipboard::owned() const {
    const std::lock_guard lock(client_->mutex);
    return client_->owned ? *client_->owned : std::string();
}

}  // namespace splatscope

#else

namespace splatscope {

struct X11Clipboard::Client {};

X11Clipboard::X11Clipboard() {
    hsa::fail(
        "This build copies no pictures: it was made without XCB (libxcb1-dev). view.export writes "
        "one into a file.");
}
X11Clipboard::~X11Clipboard() = default;
void X11Clipboard::own(std::string) {}
std::string X11Clipboard::owned() const { return {}; }
std::size_t X11Clipboard::transfers() const { return 0; }

}  // namespace splatscope

#endif
