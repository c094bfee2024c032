// Ends a program whose server makes no call any more: a loop without one nothing else can leave.
#pragma once

namespace sim
{
// Has `expired` called, on another thread or in a signal handler, unless this function is called
// again within so many seconds; 0: not at all.
void Watchdog(unsigned seconds, void (*expired)());
} // namespace sim
