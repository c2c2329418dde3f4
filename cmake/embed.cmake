# hub_embed(TARGET NAME files…): the files' bytes become part of the target's library. C sees
#	extern const hub_embedded NAME[]; extern const size_t NAME_count;   (base/embed.h)
# in the order given; each `name` is the file's base name without its ending, or with it after ENDINGS.
function(hub_embed target name)
	cmake_parse_arguments(E "ENDINGS" "" "" ${ARGN})
	set(part NAME_WE)
	if(E_ENDINGS)
		set(part NAME)
	endif()
	set(asm "")
	set(table "\t.section .data.rel.ro,\"aw\"\n\t.balign 8\n\t.global ${name}\n${name}:\n")
	set(count 0)
	foreach(file ${E_UNPARSED_ARGUMENTS})
		get_filename_component(stem ${file} ${part})
		string(APPEND asm
			"n${count}:\t.asciz \"${stem}\"\n"
			"b${count}:\t.incbin \"${file}\"\ne${count}:\t.byte 0\n")
		string(APPEND table "\t.quad n${count}, b${count}, e${count} - b${count}\n")
		math(EXPR count "${count} + 1")
	endforeach()
	set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.s)
	file(CONFIGURE OUTPUT ${out} CONTENT
"	.section .rodata
${asm}	.balign 8
	.global ${name}_count
${name}_count:	.quad ${count}
${table}	.section .note.GNU-stack,\"\",@progbits
" @ONLY)
	set_source_files_properties(${out} PROPERTIES OBJECT_DEPENDS "${E_UNPARSED_ARGUMENTS}" LANGUAGE ASM)
	target_sources(${target} PRIVATE ${out})
endfunction()
