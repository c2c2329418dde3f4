/* Runs a fuzz target over files and folders: the corpus in every build, without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	if (!f || fstat(fileno(f), &st) != 0) {
		perror(path);
		return 1;
	}
	size_t len = (size_t)st.st_size;
	uint8_t *bytes = malloc(len ? len : 1); /* exact size, so that ASan sees one byte too far */
	int bad = !bytes || fread(bytes, 1, len, f) != len;
	fclose(f);
	if (!bad)
		LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0, files = 0;
	for (int i = 1; i < argc; i++) {
		struct dirent **names;
		int n = scandir(argv[i], &names, NULL, alphasort);
		if (n < 0) {
			bad += replay_file(argv[i]);
			files++;
		}
		for (int k = 0; k < n; k++) {
			char path[4096];
			struct stat st;
			snprintf(path, sizeof path, "%s/%s", argv[i], names[k]->d_name);
			if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
				bad += replay_file(path);
				files++;
			}
			free(names[k]);
		}
		if (n >= 0)
			free(names);
	}
	printf("%d inputs, %d unreadable\n", files, bad);
	return bad || !files;
}
