#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace splatscope {

// The clipboard of X11 (Wayland through XWayland) with a picture on it. GLFW's knows text alone, so
// this is a client of its own: an invisible window that owns the selection, and a thread that hands
// the bytes to who asks, large ones in pieces (ICCCM, "Peer-to-Peer Communication by Means of
// Selections"). The picture stays as long as this lives and no other program copies anything.
class X11Clipboard {
  public:
    // Throws Error where there is no X server, or the build has no XCB.
    X11Clipboard();
    ~X11Clipboard();
    X11Clipboard(const X11Clipboard&) = delete;
    X11Clipboard& operator=(const X11Clipboard&) = delete;

    // The bytes of a PNG are what is pasted from now on. Throws Error where the server refuses.
    void own(std::string png);
    // Those bytes; empty once another program copied something.
    [[nodiscard]] std::string owned() const;
    // Pictures that are on their way in pieces to programs that paste.
    [[nodiscard]] std::size_t transfers() const;

  private:
    struct Client;
    std::unique_ptr<Client> client_;
};

}  // namespace splatscope
