# telavis_embed(TARGET NAME BASE FILES...): compiles files into the binary.
# Generates generated/embedded_<name>.cpp with one `std::span<const EmbeddedFile> embedded_<name>()`.
function(telavis_embed target name base)
  telavis_embed_table(${target} ${name} ${base} "${ARGN}" "${ARGN}")
endfunction()

# telavis_embed_folder(TARGET NAME BASE STAMP): everything that stands below BASE once STAMP is made.
function(telavis_embed_folder target name base stamp)
  telavis_embed_table(${target} ${name} ${base} "" ${stamp})
endfunction()

function(telavis_embed_table target name base files depends)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded_${name}.cpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DBASE=${base} -DOUT=${out} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${depends} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
  # Their inner names are all the same.
  set_source_files_properties(${out} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
