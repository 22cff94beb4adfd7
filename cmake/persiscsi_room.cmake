# SPDX-License-Identifier: Apache-2.0
# A room is a folder with one library target. The include root of every room is the top of the tree, so a file
# is included by the path a reader sees: "pdu/layout.hpp". tests/check_includes holds the arrows between rooms.

add_library(persiscsi_options INTERFACE)
target_include_directories(persiscsi_options INTERFACE ${CMAKE_SOURCE_DIR})
# No -Wnull-dereference: g++ 12 sees null pointers in inlined code of the standard library and of Boost.
target_compile_options(persiscsi_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wimplicit-fallthrough)
target_compile_definitions(persiscsi_options INTERFACE PERSISCSI_VERSION="${PROJECT_VERSION}")
if(PERSISCSI_SANITIZE)
  target_compile_options(persiscsi_options INTERFACE
    -fsanitize=${PERSISCSI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(persiscsi_options INTERFACE -fsanitize=${PERSISCSI_SANITIZE})
endif()
if(PERSISCSI_FUZZ)
  target_compile_options(persiscsi_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# persiscsi_room(NAME SOURCES a.cpp … DEPENDS other_room …): the library persiscsi_NAME.
function(persiscsi_room name)
  cmake_parse_arguments(room "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(persiscsi_${name} STATIC ${room_SOURCES})
  target_link_libraries(persiscsi_${name} PUBLIC persiscsi_options ${room_DEPENDS})
endfunction()

# persiscsi_test(NAME SOURCES a.cpp … DEPENDS room …): a GoogleTest program whose tests ctest knows by name.
function(persiscsi_test name)
  cmake_parse_arguments(test "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE persiscsi_options ${test_DEPENDS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
