# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian packages: libworkqueue1 (component runtime) and libworkqueue-dev.
# ./build.sh deb makes them in a build directory whose prefix is /usr.

set(runtime libworkqueue${PROJECT_VERSION_MAJOR})
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME workqueue)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Workqueue maintainers <maintainers@users.noreply.github.com>")
set(CPACK_SET_DESTDIR ON) # what is installed is told the prefix that it will have
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime dev debian_runtime debian_dev)
set(CPACK_COMPONENT_RUNTIME_GROUP runtime)
set(CPACK_COMPONENT_DEBIAN_RUNTIME_GROUP runtime)
set(CPACK_COMPONENT_DEV_GROUP dev)
set(CPACK_COMPONENT_DEBIAN_DEV_GROUP dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(about "The Linux kernel's workqueue for programs: a work item is a struct that the\n"
  "caller owns, and queueing it makes a worker thread call its function once.\n"
  "Immediate and delayed work, timers, flush and cancel that keep what they\n"
  "promise, freezing, CPUs that come and go, and a lockdep for it all, under the\n"
  "kernel's own names.\n")
string(CONCAT about ${about})

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
  "Linux kernel's workqueue for user space - shared library\n${about}\nThis package has the shared library. No runtime has to be installed for it.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_BINARY_DIR}/triggers;${CMAKE_CURRENT_BINARY_DIR}/symbols;${CMAKE_CURRENT_BINARY_DIR}/shlibs")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libworkqueue-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "${runtime} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), libc6-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION
  "Linux kernel's workqueue for user space - development files\n${about}\nThis package has the headers, what pkg-config and CMake look for, manual pages\nand examples.")

# ---- Control files ---------------------------------------------------------------------

file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/shlibs
  "libworkqueue ${PROJECT_VERSION_MAJOR} ${runtime} (>= ${PROJECT_VERSION})\n")

# The reviewed list of exports says in which version a name came.
file(STRINGS ${PROJECT_SOURCE_DIR}/native/glue/abi_symbols.txt exports)
set(symbols "libworkqueue.so.${PROJECT_VERSION_MAJOR} ${runtime} #MINVER#\n WORKQUEUE_1.0@WORKQUEUE_1.0 1.0\n")
foreach(export IN LISTS exports)
  if(export MATCHES "^([A-Za-z_0-9]+) (WORKQUEUE_([0-9.]+))$")
    string(APPEND symbols " ${CMAKE_MATCH_1}@${CMAKE_MATCH_2} ${CMAKE_MATCH_3}\n")
  endif()
endforeach()
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/symbols "${symbols}")

# ---- Files only a Debian package has -----------------------------------------------------

find_program(GZIP gzip)
if(GZIP)
  set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz)
  execute_process(COMMAND ${GZIP} -9nc ${CMAKE_CURRENT_SOURCE_DIR}/changelog OUTPUT_FILE ${changelog})
  install(FILES ${changelog} DESTINATION ${doc}/${runtime} COMPONENT debian_runtime EXCLUDE_FROM_ALL)
  install(FILES ${changelog} DESTINATION ${doc}/libworkqueue-dev COMPONENT debian_dev EXCLUDE_FROM_ALL)
endif()

include(CPack)
cpack_add_component_group(runtime)
cpack_add_component_group(dev)
