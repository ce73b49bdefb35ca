// The cases of selects.go, spelled out.
package main

func selectDefault8(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		default:
			sum++
		}
	}
	return sum
}

func selectReady8(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		c[i%8] <- i + 1
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		}
	}
	return sum
}

func selectBlocking8(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		}
	}
	return sum
}

func selectDefault32(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		case v := <-c[8]:
			sum += v
		case v := <-c[9]:
			sum += v
		case v := <-c[10]:
			sum += v
		case v := <-c[11]:
			sum += v
		case v := <-c[12]:
			sum += v
		case v := <-c[13]:
			sum += v
		case v := <-c[14]:
			sum += v
		case v := <-c[15]:
			sum += v
		case v := <-c[16]:
			sum += v
		case v := <-c[17]:
			sum += v
		case v := <-c[18]:
			sum += v
		case v := <-c[19]:
			sum += v
		case v := <-c[20]:
			sum += v
		case v := <-c[21]:
			sum += v
		case v := <-c[22]:
			sum += v
		case v := <-c[23]:
			sum += v
		case v := <-c[24]:
			sum += v
		case v := <-c[25]:
			sum += v
		case v := <-c[26]:
			sum += v
		case v := <-c[27]:
			sum += v
		case v := <-c[28]:
			sum += v
		case v := <-c[29]:
			sum += v
		case v := <-c[30]:
			sum += v
		case v := <-c[31]:
			sum += v
		default:
			sum++
		}
	}
	return sum
}

func selectReady32(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		c[i%32] <- i + 1
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		case v := <-c[8]:
			sum += v
		case v := <-c[9]:
			sum += v
		case v := <-c[10]:
			sum += v
		case v := <-c[11]:
			sum += v
		case v := <-c[12]:
			sum += v
		case v := <-c[13]:
			sum += v
		case v := <-c[14]:
			sum += v
		case v := <-c[15]:
			sum += v
		case v := <-c[16]:
			sum += v
		case v := <-c[17]:
			sum += v
		case v := <-c[18]:
			sum += v
		case v := <-c[19]:
			sum += v
		case v := <-c[20]:
			sum += v
		case v := <-c[21]:
			sum += v
		case v := <-c[22]:
			sum += v
		case v := <-c[23]:
			sum += v
		case v := <-c[24]:
			sum += v
		case v := <-c[25]:
			sum += v
		case v := <-c[26]:
			sum += v
		case v := <-c[27]:
			sum += v
		case v := <-c[28]:
			sum += v
		case v := <-c[29]:
			sum += v
		case v := <-c[30]:
			sum += v
		case v := <-c[31]:
			sum += v
		}
	}
	return sum
}

func selectBlocking32(c channels, n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		select {
		case v := <-c[0]:
			sum += v
		case v := <-c[1]:
			sum += v
		case v := <-c[2]:
			sum += v
		case v := <-c[3]:
			sum += v
		case v := <-c[4]:
			sum += v
		case v := <-c[5]:
			sum += v
		case v := <-c[6]:
			sum += v
		case v := <-c[7]:
			sum += v
		case v := <-c[8]:
			sum += v
		case v := <-c[9]:
			sum += v
		case v := <-c[10]:
			sum += v
		case v := <-c[11]:
			sum += v
		case v := <-c[12]:
			sum += v
		case v := <-c[13]:
			sum += v
		case v := <-c[14]:
			sum += v
		case v := <-c[15]:
			sum += v
		case v := <-c[16]:
			sum += v
		case v := <-c[17]:
			sum += v
		case v := <-c[18]:
			sum += v
		case v := <-c[19]:
			sum += v
		case v := <-c[20]:
			sum += v
		case v := <-c[21]:
			sum += v
		case v := <-c[22]:
			sum += v
		case v := <-c[23]:
			sum += v
		case v := <-c[24]:
			sum += v
		case v := <-c[25]:
			sum += v
		case v := <-c[26]:
			sum += v
		case v := <-c[27]:
			sum += v
		case v := <-c[28]:
			sum += v
		case v := <-c[29]:
			sum += v
		case v := <-c[30]:
			sum += v
		case v := <-c[31]:
			sum += v
		}
	}
	return sum
}
