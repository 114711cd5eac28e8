// What c10d's Gloo header names of Gloo. The torch package carries c10d's headers and the compiled Gloo, but not
// Gloo's own headers. These types are only pointed to here, so their names are enough.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>
namespace gloo {
class Context {
public:
  void setTimeout(std::chrono::milliseconds timeout);
};
namespace transport {
class Device;
class UnboundBuffer {
public:
  virtual ~UnboundBuffer();
};
} // namespace transport
} // namespace gloo
