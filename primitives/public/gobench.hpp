// All of gobench's user-facing API.
#pragma once

#include "runtime/blocking.hpp"
#include "runtime/errors.hpp"
#include "runtime/options.hpp"
#include "runtime/run.hpp"
#include "runtime/task.hpp"
